/**
 * What proxies before us say about a request: `X-Forwarded-For`, `-Proto` and
 * `-Host`, or `Forwarded` (RFC 7239).
 *
 * Every proxy adds its peer at the right end. What stands further left came with
 * the request, and anyone can have written it.
 */
import { canonicalIp, isIpAddress } from "../net/address/address.ts";
import type { TrustedProxies } from "../net/listen/trusted_proxies.ts";
import type { Fields } from "./fields.ts";
import { trimOws } from "./tokens.ts";

/** What the proxies say about a request. */
export interface Forwarding {
  /** IP address of the client: the rightmost that is not a trusted proxy. */
  readonly client: string;
  /** How the client has sent it; `undefined` when no proxy says that. */
  readonly scheme: "http" | "https" | undefined;
  /** The host that it was sent to, as `host` or `host:port`; `undefined` when no proxy says that. */
  readonly host: string | undefined;
}

/** Proxies one behind the other. Beyond it a list is not read. */
const MAX_HOPS = 32;
const NAMES = /^(?:x-forwarded-.*|forwarded|x-real-ip)$/i;
const HOST = /^(?:[\w.-]{1,255}|\[[\da-f:.]{2,45}\])(?::\d{1,5})?$/i;

/** What one proxy has added. */
interface Hop {
  readonly client: string | undefined;
  readonly scheme: string | undefined;
  readonly host: string | undefined;
}

/**
 * What trusted proxies say about a request that came from `peer`.
 *
 * @returns `undefined` when the peer is not one of them.
 */
export function readForwarding(
  fields: Fields,
  peer: string,
  { addresses, forwardingFields }: Pick<
    TrustedProxies,
    "addresses" | "forwardingFields"
  >,
): Forwarding | undefined {
  if (!addresses.has(peer)) return undefined;
  const hops = forwardingFields === "forwarded"
    ? hopsOfForwarded(fields)
    : hopsOfXForwarded(fields);
  let client = peer;
  let last: Hop | undefined;
  for (const hop of hops) {
    last = hop;
    // Who cannot be named ends the chain: the proxy before is the last known.
    if (hop.client === undefined) break;
    client = hop.client;
    if (!addresses.has(client)) break;
  }
  return {
    client,
    scheme: schemeOf(last?.scheme),
    host: HOST.test(last?.host ?? "") ? last?.host : undefined,
  };
}

/** Removes all that says who has forwarded a request. */
export function removeForwarding(fields: Fields): void {
  for (const name of new Set([...fields].map(([name]) => name))) {
    if (NAMES.test(name)) fields.delete(name);
  }
}

/** The hops, the last one first. */
function hopsOfXForwarded(fields: Fields): readonly Hop[] {
  const clients = lastOf(fields.getList("x-forwarded-for"));
  const schemes = lastOf(fields.getList("x-forwarded-proto"));
  const hosts = lastOf(fields.getList("x-forwarded-host"));
  // A proxy may say the scheme and not for whom.
  const length = Math.max(clients.length, 1);
  return Array.from({ length }, (_, at) => ({
    client: ipOf(clients[at]),
    // Where proxies do not add to them, there is one for the whole chain.
    scheme: schemes[Math.min(at, schemes.length - 1)],
    host: hosts[Math.min(at, hosts.length - 1)],
  }));
}

function hopsOfForwarded(fields: Fields): readonly Hop[] {
  return lastOf(fields.getList("forwarded"), quotedMembers).map((element) => {
    const pairs = new Map<string, string>();
    for (const pair of splitFromEnd(element, ";")) {
      const at = pair.indexOf("=");
      const name = trimOws(pair.slice(0, Math.max(at, 0))).toLowerCase();
      // A name that stands twice has no meaning (RFC 7239 §4).
      pairs.set(name, pairs.has(name) ? "" : unquoted(pair.slice(at + 1)));
    }
    return {
      client: ipOf(pairs.get("for")),
      scheme: pairs.get("proto"),
      host: pairs.get("host"),
    };
  });
}

/** The members of a list, the last one first, and no more than {@linkcode MAX_HOPS}. */
function lastOf(list: string | undefined, split = plainMembers): string[] {
  return split(list ?? "").map(trimOws).filter((each) => each !== "")
    .slice(0, MAX_HOPS);
}

function plainMembers(list: string): string[] {
  return list.split(",").reverse();
}

function quotedMembers(list: string): string[] {
  return splitFromEnd(list, ",");
}

/**
 * Splits outside quotes, from the right to the left: a quote that somebody has
 * opened on the left and not closed hides nothing of what proxies have added.
 */
function splitFromEnd(text: string, separator: string): string[] {
  const parts: string[] = [];
  let end = text.length;
  let isQuoted = false;
  for (let at = text.length - 1; at >= 0; at--) {
    const character = text[at];
    if (character === '"' && !isEscaped(text, at)) isQuoted = !isQuoted;
    else if (!isQuoted && character === separator) {
      parts.push(text.slice(at + 1, end));
      end = at;
    }
  }
  parts.push(text.slice(0, end));
  return parts;
}

/** Whether an odd number of `\\` stands before. */
function isEscaped(text: string, at: number): boolean {
  let start = at;
  while (text[start - 1] === "\\") start -= 1;
  return (at - start) % 2 === 1;
}

function unquoted(text: string): string {
  const trimmed = trimOws(text);
  const inner = /^"(.*)"$/s.exec(trimmed)?.[1];
  return inner === undefined ? trimmed : inner.replaceAll(/\\(.)/gs, "$1");
}

/** The address of `192.0.2.7`, `192.0.2.7:4711`, `2001:db8::7` or `[2001:db8::7]:4711`. */
function ipOf(node = ""): string | undefined {
  const bare = /^\[(.*)\](?::\d{1,5})?$/.exec(node)?.[1] ??
    /^([\d.]+):\d{1,5}$/.exec(node)?.[1] ?? node;
  // A zone means nothing on another machine.
  const isIp = isIpAddress(bare) && !bare.includes("%");
  return isIp ? canonicalIp(bare) : undefined;
}

function schemeOf(text = ""): Forwarding["scheme"] {
  const scheme = text.toLowerCase();
  return scheme === "http" || scheme === "https" ? scheme : undefined;
}
