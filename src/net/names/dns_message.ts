/**
 * DNS messages (RFC 1035 §4): one question to a server, and its reply.
 *
 * Only records of the requested name count, and of the names that it is an
 * alias of.
 */
import { canonicalName } from "../address/address.ts";
import { DnsReader, MAX_NAME_CHARS } from "./dns_reader.ts";

/** Kinds of records that we query. */
export type DnsType = "A" | "AAAA";

/** A question. */
export interface DnsQuery {
  /** 0 to 65535; unguessable, because replies are known by it (RFC 5452 §9.2). */
  readonly id: number;
  /** A name that {@linkcode isDnsName} takes. */
  readonly name: string;
  readonly type: DnsType;
}

/** What a server says. */
export type DnsReply =
  /** The name exists; without addresses it has none of this type. */
  | { readonly kind: "addresses"; readonly addresses: readonly string[] }
  /** The name is an alias, and of what it stands for nothing was said. */
  | { readonly kind: "alias"; readonly name: string }
  | { readonly kind: "noSuchName" }
  /** The reply was truncated: repeat the query over TCP. */
  | { readonly kind: "truncated" }
  /** The server failed; another one may know. */
  | { readonly kind: "failed"; readonly reason: string };

const HEADER_BYTES = 12;
/** Of the flags: a reply, authoritative, truncated, recursion wanted, recursion available. */
const QR = 0x8000;
const AA = 0x0400;
const TC = 0x0200;
const RD = 0x0100;
const RA = 0x0080;

const TYPES = { A: 1, AAAA: 28 } as const;
const TYPE_CNAME = 5;
const CLASS_IN = 1;

const NO_ERROR = 0;
const NAME_ERROR = 3;
/** RFC 1035 §4.1.1, in words. */
const FAILURES: Readonly<Record<number, string>> = {
  1: "it did not understand the question",
  2: "it failed",
  4: "it does not support the question",
  5: "it refused the query",
};

/** Real chains have two or three links; more is a loop. */
const MAX_ALIASES = 8;

/** Whether a name is valid in a query: labels of 1 to 63 visible ASCII characters, 253 in all. */
export function isDnsName(name: string): boolean {
  return name.length <= MAX_NAME_CHARS &&
    /^[!-~]+$/.test(name) &&
    name.split(".").every((label) => label.length > 0 && label.length <= 63);
}

/** Writes a query with recursion desired. */
export function encodeQuery(
  { id, name, type }: DnsQuery,
): Uint8Array<ArrayBuffer> {
  const labels = name.split(".");
  const bytes = new Uint8Array(HEADER_BYTES + name.length + 2 + 4);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, id);
  view.setUint16(2, RD);
  view.setUint16(4, 1);
  let at = HEADER_BYTES;
  for (const label of labels) {
    bytes[at] = label.length;
    new TextEncoder().encodeInto(label, bytes.subarray(at + 1));
    at += 1 + label.length;
  }
  view.setUint16(at + 1, TYPES[type]);
  view.setUint16(at + 3, CLASS_IN);
  return bytes;
}

/** Reads a reply; `undefined` if it does not belong to this question: a stray, or a forgery. */
export function decodeReply(
  bytes: Uint8Array,
  query: DnsQuery,
): DnsReply | undefined {
  try {
    const reader = new DnsReader(bytes);
    const id = reader.uint16();
    const flags = reader.uint16();
    const questions = reader.uint16();
    const answers = reader.uint16();
    reader.skip(4);
    if (id !== query.id || (flags & QR) === 0) return undefined;
    const code = flags & 0xf;
    // A server that did not understand the question may not repeat it.
    if (questions === 0 && code in FAILURES) return failureOf(code);
    if (questions !== 1 || !isSameQuestion(reader, query)) return undefined;
    if ((flags & TC) !== 0) return { kind: "truncated" };
    if (code === NAME_ERROR) return { kind: "noSuchName" };
    if (code !== NO_ERROR) return failureOf(code);
    if (answers === 0 && (flags & (AA | RA)) === 0) {
      return { kind: "failed", reason: "it does not support recursion" };
    }
    return readAnswers(reader, answers, query);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    return { kind: "failed", reason: "its reply is malformed" };
  }
}

function failureOf(code: number): DnsReply {
  const reason = FAILURES[code] ?? `it responded with error ${code}`;
  return { kind: "failed", reason };
}

function isSameQuestion(reader: DnsReader, { name, type }: DnsQuery): boolean {
  return reader.name() === canonicalName(name) &&
    reader.uint16() === TYPES[type] && reader.uint16() === CLASS_IN;
}

/** Collects the records of `query.name` and of its aliases, in whatever order they stand. */
function readAnswers(
  reader: DnsReader,
  count: number,
  query: DnsQuery,
): DnsReply {
  const aliases = new Map<string, string>();
  const addresses = new Map<string, string[]>();
  for (let left = count; left > 0; left--) {
    const owner = reader.name();
    const type = reader.uint16();
    const isInternet = reader.uint16() === CLASS_IN;
    reader.skip(4);
    const length = reader.uint16();
    const end = reader.at + length;
    if (isInternet && type === TYPE_CNAME) aliases.set(owner, reader.name());
    if (isInternet && type === TYPES[query.type]) {
      const known = addresses.get(owner) ?? [];
      known.push(reader.address(length));
      addresses.set(owner, known);
    }
    reader.goTo(end);
  }
  const asked = canonicalName(query.name);
  const name = lastAlias(asked, aliases);
  const found = addresses.get(name) ?? [];
  if (found.length > 0 || name === asked) {
    return { kind: "addresses", addresses: found };
  }
  return { kind: "alias", name };
}

function lastAlias(name: string, aliases: ReadonlyMap<string, string>): string {
  let last = name;
  for (let links = 0; links < MAX_ALIASES; links++) {
    const next = aliases.get(last);
    if (next === undefined) return last;
    last = next;
  }
  throw new RangeError("Too many aliases");
}
