import { isMadeOf, tableOf } from "../../http/tokens.ts";
import { malformed } from "../errors.ts";

/** The schemes of a target; `ws` and `wss` are for WebSockets (RFC 6455 §3). */
export type TargetScheme = "http" | "https" | "ws" | "wss";

/** The target of a request (RFC 9112 §3.2). */
export interface RequestTarget {
  readonly form: "origin" | "absolute" | "authority" | "asterisk";
  /** The scheme written in absolute form. */
  readonly scheme: TargetScheme | undefined;
  /** `host` or `host:port`, as written; `undefined` where only the `Host` field has it. */
  readonly authority: string | undefined;
  /** Path and query, or `*`; empty in authority form. */
  readonly path: string;
}

/** Letters, digits and the marks that names in use have. RFC 3986 would allow more. */
const NAME_BYTES = tableOf(
  "-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
);
const IPV6_BYTES = tableOf(":.0123456789ABCDEFabcdef");
/** 1 for visible ASCII: what a target may consist of. */
export const TARGET_BYTES: Readonly<Uint8Array> = tableOf(
  String.fromCharCode(...Array.from({ length: 94 }, (_, at) => at + 0x21)),
);
const DIGITS = tableOf("0123456789");

/** A name in DNS has at most 253 characters; bracketed addresses have fewer. */
const MAX_HOST = 255;

/**
 * Parses a request target in any of its four forms.
 *
 * @throws {Http1Error} `malformed` when it has none of the forms that `method`
 * allows.
 */
export function parseTarget(method: string, target: string): RequestTarget {
  if (method === "CONNECT") {
    if (!isAuthority(target) || portOf(target) === undefined) {
      throw malformed("the target of CONNECT is not host:port");
    }
    return {
      form: "authority",
      scheme: undefined,
      authority: target,
      path: "",
    };
  }
  if (target.includes("#")) throw malformed("the target has a fragment");
  if (target.startsWith("/")) {
    return {
      form: "origin",
      scheme: undefined,
      authority: undefined,
      path: target,
    };
  }
  if (target === "*" && method === "OPTIONS") {
    return {
      form: "asterisk",
      scheme: undefined,
      authority: undefined,
      path: "*",
    };
  }
  return parseAbsolute(method, target);
}

/** Whether `text` has only visible ASCII, as a method and a target may (RFC 9112 §3). */
export function isTarget(text: string): boolean {
  return isMadeOf(text, TARGET_BYTES);
}

/**
 * Whether `text` is a host (name, IPv4, or IPv6 in brackets), with or without a
 * port from 1 to 65535. User information and paths are not allowed.
 */
export function isAuthority(text: string): boolean {
  const hostEnd = text.startsWith("[")
    ? text.indexOf("]") + 1
    : indexOrEnd(text, ":");
  const host = text.slice(0, hostEnd);
  if (host === "" || host.length > MAX_HOST || !isHost(host)) return false;
  if (hostEnd === text.length) return true;
  return text[hostEnd] === ":" && isPort(text.slice(hostEnd + 1));
}

function parseAbsolute(method: string, target: string): RequestTarget {
  const schemeEnd = target.indexOf("://");
  const scheme = schemeOf(target.slice(0, Math.max(schemeEnd, 0)));
  const start = schemeEnd + 3;
  let end = start;
  while (end < target.length && target[end] !== "/" && target[end] !== "?") {
    end++;
  }
  const authority = target.slice(start, end);
  if (!isAuthority(authority)) {
    throw malformed("the authority of the target is not host or host:port");
  }
  const rest = target.slice(end);
  return { form: "absolute", scheme, authority, path: pathOf(method, rest) };
}

function schemeOf(text: string): TargetScheme {
  const scheme = text.toLowerCase();
  switch (scheme) {
    case "http":
    case "https":
    case "ws":
    case "wss":
      return scheme;
    default:
      throw malformed("the target is neither a path nor an http or https URL");
  }
}

/** An absolute target may omit the path; with OPTIONS it then means the whole server (RFC 9112 §3.2.4). */
function pathOf(method: string, rest: string): string {
  if (rest.startsWith("/")) return rest;
  if (rest === "" && method === "OPTIONS") return "*";
  return `/${rest}`;
}

function isHost(host: string): boolean {
  if (!host.startsWith("[")) return isMadeOf(host, NAME_BYTES);
  const inner = host.slice(1, -1);
  return inner.includes(":") && isMadeOf(inner, IPV6_BYTES);
}

function portOf(authority: string): string | undefined {
  const colon = authority.lastIndexOf(":");
  return colon < 0 || authority.endsWith("]")
    ? undefined
    : authority.slice(colon + 1);
}

function isPort(text: string): boolean {
  if (text === "" || text.length > 5 || !isMadeOf(text, DIGITS)) return false;
  const port = Number(text);
  return port >= 1 && port <= 65_535;
}

function indexOrEnd(text: string, character: string): number {
  const at = text.indexOf(character);
  return at < 0 ? text.length : at;
}
