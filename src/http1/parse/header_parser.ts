/**
 * Parses start lines and header sections (RFC 9112 §2 to §5).
 *
 * Strict on purpose: a difference between two readers lets a request be
 * smuggled past one of them. So no bare LF or CR, no line folding, no space
 * before a colon, no control characters, and exactly one space where the
 * grammar has one.
 *
 * Responses may have what old origins send and browsers take: a later minor
 * version (RFC 9110 §2.5) and folded lines, which become one line (RFC 9112
 * §5.2). No request can be hidden in them.
 */
import { Fields } from "../../http/fields.ts";
import { REQUEST_LIMITS } from "./header_limits.ts";
import { decodeLatin1 } from "../../http/latin1.ts";
import { TOKEN_BYTES, trimOws, VALUE_BYTES } from "../../http/tokens.ts";
import {
  byteWords,
  type Http1Error,
  malformed,
  unreadable,
} from "../errors.ts";

const TAB = 0x09;
const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const ZERO = 0x30;
const COLON = 0x3a;

/** `HTTP/` in bytes; the version number follows. */
const VERSION_START: readonly number[] = [0x48, 0x54, 0x54, 0x50, 0x2f];
const VERSION_LENGTH = 8;

/** The minor version: HTTP/1.0 or HTTP/1.1. */
export type MinorVersion = 0 | 1;

/** Start line and header section of a request. */
export interface ParsedRequest {
  readonly method: string;
  /** As sent, in one of the four forms (RFC 9112 §3.2). */
  readonly target: string;
  readonly minorVersion: MinorVersion;
  readonly fields: Fields;
}

/** Start line and header section of a response. */
export interface ParsedResponse {
  /** 100 to 999. */
  readonly status: number;
  /** The reason phrase; it has no meaning. */
  readonly reason: string;
  readonly minorVersion: MinorVersion;
  readonly fields: Fields;
}

/** Options of the parsers. */
export interface ParseOptions {
  /** Limit on the number of field lines. */
  readonly maxFields?: number;
}

/**
 * Parses the request line and the header section.
 *
 * @param bytes Everything up to the empty line, which is included.
 * @throws {Http1Error} `malformed`, `unsupportedVersion` or `headersTooLarge`.
 */
export function parseRequest(
  bytes: Uint8Array,
  { maxFields = REQUEST_LIMITS.maxFields }: ParseOptions = {},
): ParsedRequest {
  const text = decodeLatin1(bytes);
  const methodEnd = skipToken(bytes, 0);
  if (methodEnd === 0 || bytes[methodEnd] !== SPACE) {
    throw malformed("the method is not followed by one space");
  }
  const targetEnd = skipVisible(bytes, methodEnd + 1);
  if (targetEnd === methodEnd + 1 || bytes[targetEnd] !== SPACE) {
    throw malformed("the target is not followed by one space and a version");
  }
  const minorVersion = parseVersion(bytes, targetEnd + 1);
  if (minorVersion > 1) throw unsupportedVersion(1, minorVersion);
  const lineEnd = targetEnd + 1 + VERSION_LENGTH;
  expectLineEnd(bytes, lineEnd);
  return {
    method: text.slice(0, methodEnd),
    target: text.slice(methodEnd + 1, targetEnd),
    minorVersion: minorVersion === 0 ? 0 : 1,
    fields: parseFieldLines(bytes, { text, start: lineEnd + 2, maxFields }),
  };
}

/**
 * Parses the status line and the header section.
 *
 * @param bytes Everything up to the empty line, which is included.
 * @throws {Http1Error} `malformed`, `unsupportedVersion` or `headersTooLarge`.
 */
export function parseResponse(
  bytes: Uint8Array,
  { maxFields = REQUEST_LIMITS.maxFields }: ParseOptions = {},
): ParsedResponse {
  const text = decodeLatin1(bytes);
  const minorVersion = parseVersion(bytes, 0);
  const status = parseStatus(bytes, VERSION_LENGTH);
  const reasonStart = VERSION_LENGTH + 4;
  const lineEnd = skipValue(bytes, reasonStart);
  expectLineEnd(bytes, lineEnd);
  return {
    status,
    reason: text.slice(reasonStart + 1, lineEnd),
    minorVersion: minorVersion === 0 ? 0 : 1,
    fields: parseFieldLines(bytes, {
      ...{ text, start: lineEnd + 2, maxFields },
      mayFold: true,
    }),
  };
}

/**
 * Parses field lines up to the empty line that ends them.
 *
 * @param text The same bytes as text; names and values are slices of it.
 * @param mayFold Whether a value may go on in the next line: in responses.
 * @throws {Http1Error} `malformed` or `headersTooLarge`.
 */
export function parseFieldLines(
  bytes: Uint8Array,
  { text, start, maxFields, mayFold = false }: {
    readonly text: string;
    readonly start: number;
    readonly maxFields: number;
    readonly mayFold?: boolean;
  },
): Fields {
  const flat: string[] = [];
  let at = start;
  while (bytes[at] !== CR) {
    if (flat.length === maxFields * 2) throw tooManyFields(maxFields);
    const nameEnd = skipToken(bytes, at);
    if (nameEnd === at || bytes[nameEnd] !== COLON) {
      throw badName(text.slice(at, nameEnd), bytes[nameEnd]);
    }
    let valueStart = nameEnd + 1;
    while (isBlank(bytes[valueStart])) valueStart++;
    const lineEnd = skipValue(bytes, valueStart);
    if (!isLineEnd(bytes, lineEnd)) {
      throw badValue(text.slice(at, nameEnd), bytes[lineEnd]);
    }
    let valueEnd = lineEnd;
    // At the latest the colon ends it: a slice that ends before its start is empty.
    while (isBlank(bytes[valueEnd - 1])) valueEnd--;
    flat.push(text.slice(at, nameEnd), text.slice(valueStart, valueEnd));
    at = lineEnd + 2;
    if (mayFold && isBlank(bytes[at])) at = unfold(bytes, { text, at, flat });
  }
  if (!isLineEnd(bytes, at)) throw malformed("a CR stands alone");
  if (at + 2 !== bytes.length) throw malformed("it continues after its end");
  return new Fields(flat);
}

/**
 * Adds the folded lines from `at` to the value of the last field, each with one
 * space before it (RFC 9112 §5.2).
 *
 * @returns Where the next line begins.
 */
function unfold(
  bytes: Uint8Array,
  { text, at: start, flat }: {
    readonly text: string;
    readonly at: number;
    readonly flat: string[];
  },
): number {
  let at = start;
  const lines = [flat.pop() ?? ""];
  while (isBlank(bytes[at])) {
    const lineEnd = skipValue(bytes, at);
    if (!isLineEnd(bytes, lineEnd)) {
      throw badValue(flat.at(-1) ?? "", bytes[lineEnd]);
    }
    lines.push(trimOws(text.slice(at, lineEnd)));
    at = lineEnd + 2;
  }
  flat.push(lines.filter((line) => line !== "").join(" "));
  return at;
}

function skipToken(bytes: Uint8Array, start: number): number {
  let at = start;
  while (TOKEN_BYTES[bytes[at] ?? 0] === 1) at++;
  return at;
}

/** Skips the characters of a field value or a reason phrase. */
function skipValue(bytes: Uint8Array, start: number): number {
  let at = start;
  while (VALUE_BYTES[bytes[at] ?? 0] === 1) at++;
  return at;
}

/** Skips visible ASCII characters. */
function skipVisible(bytes: Uint8Array, start: number): number {
  let at = start;
  for (let byte = bytes[at]; isVisible(byte); byte = bytes[at]) at++;
  return at;
}

function isVisible(byte: number | undefined): boolean {
  return byte !== undefined && byte > SPACE && byte < 0x7f;
}

function isBlank(byte: number | undefined): boolean {
  return byte === SPACE || byte === TAB;
}

function isLineEnd(bytes: Uint8Array, at: number): boolean {
  return bytes[at] === CR && bytes[at + 1] === LF;
}

/** Ends the start line. */
function expectLineEnd(bytes: Uint8Array, at: number): void {
  if (isLineEnd(bytes, at)) return;
  throw malformed(`its first line has ${byteWords(bytes[at])}`);
}

function badName(name: string, next: number | undefined): Http1Error {
  return malformed(
    name === ""
      ? `a field has no name, its line begins with ${byteWords(next)}`
      : `the field name "${short(name)}" is followed by ${
        byteWords(next)
      }, not by a colon`,
  );
}

function badValue(name: string, byte: number | undefined): Http1Error {
  return malformed(
    `the field "${short(name)}" has ${byteWords(byte)} in its value`,
  );
}

/** Longest part of a message that is repeated, in characters. */
const MAX_REPEATED = 64;

function short(name: string): string {
  return name.length > MAX_REPEATED
    ? `${name.slice(0, MAX_REPEATED)}...`
    : name;
}

/** The minor version of HTTP/1. */
function parseVersion(bytes: Uint8Array, start: number): number {
  for (let at = 0; at < VERSION_START.length; at++) {
    if (bytes[start + at] === VERSION_START[at]) continue;
    throw malformed(
      start === 0
        ? `it begins with "${wordOf(bytes)}", not with an HTTP version`
        : "the HTTP version is missing",
    );
  }
  const major = digit(bytes[start + 5]);
  const minor = digit(bytes[start + 7]);
  if (major < 0 || minor < 0 || bytes[start + 6] !== 0x2e) {
    throw malformed("the HTTP version is not like 1.1");
  }
  if (major !== 1) throw unsupportedVersion(major, minor);
  return minor;
}

/** The first word of a message, as far as it is ASCII. */
function wordOf(bytes: Uint8Array): string {
  const end = Math.min(skipVisible(bytes, 0), MAX_REPEATED);
  return decodeLatin1(bytes.subarray(0, end));
}

function unsupportedVersion(major: number, minor: number): Http1Error {
  return unreadable(
    "unsupportedVersion",
    `it is HTTP/${major}.${minor}, use HTTP/1.1`,
  );
}

/** Reads ` 200` and checks what follows: a space and a reason phrase, or the end of the line. */
function parseStatus(bytes: Uint8Array, start: number): number {
  let status = 0;
  for (let at = start + 1; at <= start + 3; at++) {
    const value = digit(bytes[at]);
    if (value < 0) {
      throw malformed(
        `the status is not three digits but has ${byteWords(bytes[at])}`,
      );
    }
    status = status * 10 + value;
  }
  const next = bytes[start + 4];
  if (bytes[start] !== SPACE || (next !== SPACE && next !== CR)) {
    throw malformed("the status is not between two spaces");
  }
  if (status < 100) throw malformed("the status is below 100");
  return status;
}

/** The value of an ASCII digit, or -1. */
function digit(byte: number | undefined): number {
  if (byte === undefined || byte < ZERO || byte > ZERO + 9) return -1;
  return byte - ZERO;
}

function tooManyFields(max: number): Http1Error {
  return unreadable("headersTooLarge", `it has over ${max} field lines`);
}
