/**
 * Interprets a parsed request: its target, its framing, and whether the
 * connection persists. No I/O.
 */
import type { Body, ProxyRequest } from "../../http/exchange.ts";
import type { Fields } from "../../http/fields.ts";
import { withoutHopByHop } from "../../http/hop_by_hop.ts";
import {
  hasToken,
  isMadeOf,
  tableOf,
  TOKEN_BYTES,
  trimOws,
} from "../../http/tokens.ts";
import { malformed } from "../errors.ts";
import {
  type ConnectionHeaders,
  connectionHeaders,
} from "../parse/connection_headers.ts";
import { type Framing, requestFraming } from "../parse/framing.ts";
import type { ParsedRequest } from "../parse/header_parser.ts";
import {
  isAuthority,
  parseTarget,
  type RequestTarget,
} from "../parse/request_target.ts";

/** `websocket`, `TLS/1.0`. */
const PROTOCOL_BYTES = withSlash();

/** A received request without its body. */
export interface IncomingRequest {
  readonly method: string;
  readonly scheme: "http" | "https";
  /** Empty when an HTTP/1.0 peer did not send one. */
  readonly authority: string;
  readonly path: string;
  /** Whether the target was in origin or asterisk form. */
  readonly isOriginForm: boolean;
  /** Without hop-by-hop fields. `Host` equals `authority`. */
  readonly fields: Fields;
  /** The protocol of an accepted `Upgrade`. */
  readonly upgrade: string | undefined;
  readonly framing: Framing;
  /** Whether the peer speaks HTTP/1.0: no chunks, no interim responses. */
  readonly isHttp10: boolean;
  /** Whether the peer wants to use the connection again. */
  readonly isPersistent: boolean;
  /** Whether the peer waits for a 100 before it sends the content. */
  readonly expectsContinue: boolean;
}

/**
 * Interprets a parsed request.
 *
 * An upgrade with content is treated as a plain request without `Upgrade`, as
 * RFC 9110 §7.8 allows. So is `h2c`, which RFC 9113 has removed: requests
 * inside it would pass unseen.
 *
 * @param scheme Of the connection; used for targets without a scheme.
 * @throws {Http1Error} When the request does not have exactly one meaning.
 */
export function toIncomingRequest(
  parsed: ParsedRequest,
  scheme: "http" | "https",
): IncomingRequest {
  const { method, minorVersion } = parsed;
  const control = connectionHeaders(parsed.fields);
  const target = parseTarget(method, parsed.target);
  const authority = authorityOf(target, control, minorVersion);
  const framing = requestFraming(control, minorVersion);
  if (target.form === "authority" && framing.kind !== "none") {
    throw malformed("CONNECT has no content");
  }
  const fields = withoutHopByHop(parsed.fields, control.connection ?? "");
  if (control.host !== undefined && control.host !== authority) {
    fields.set("Host", authority);
  }
  const isHttp10 = minorVersion === 0;
  const upgrade = isHttp10 || method === "CONNECT" || framing.kind !== "none"
    ? undefined
    : upgradeOf(control);
  return {
    method,
    scheme: schemeOf(target, upgrade) ?? scheme,
    authority,
    path: target.path,
    isOriginForm: target.form === "origin" || target.form === "asterisk",
    fields,
    upgrade,
    framing,
    isHttp10,
    isPersistent: isPersistent(target, control, isHttp10),
    expectsContinue: !isHttp10 && framing.kind !== "none" &&
      hasToken(control.expect, "100-continue"),
  };
}

/** The request as handlers get it. */
export function toProxyRequest(
  incoming: IncomingRequest,
  body: Body | undefined,
): ProxyRequest {
  const { method, scheme, authority, path, fields } = incoming;
  const { upgrade, isOriginForm } = incoming;
  if (method === "CONNECT") {
    return { kind: "connect", method, authority, fields };
  }
  if (upgrade !== undefined) {
    const protocol = upgrade;
    return {
      kind: "upgrade",
      method,
      scheme,
      authority,
      path,
      isOriginForm,
      protocol,
      fields,
    };
  }
  return {
    kind: "request",
    method,
    scheme,
    authority,
    path,
    isOriginForm,
    fields,
    body,
  };
}

/** The target's authority wins over `Host` (RFC 9112 §3.2.2), which must be valid all the same. */
function authorityOf(
  target: RequestTarget,
  { host, hostLines }: ConnectionHeaders,
  minorVersion: 0 | 1,
): string {
  if (hostLines > 1) throw malformed("it has more than one Host");
  if (host === undefined && minorVersion === 1) {
    throw malformed("it has no Host");
  }
  if (host !== undefined && host !== "" && !isAuthority(host)) {
    throw malformed("Host is not host or host:port");
  }
  if (target.authority !== undefined) return target.authority;
  if (host === "") throw malformed("Host is empty");
  return host ?? "";
}

/** The scheme to reach the origin by. `ws` URLs are for WebSockets only. */
function schemeOf(
  { scheme }: RequestTarget,
  upgrade: string | undefined,
): "http" | "https" | undefined {
  if (scheme !== "ws" && scheme !== "wss") return scheme;
  if (upgrade?.toLowerCase() !== "websocket") {
    throw malformed(`a ${scheme} URL is the target, but it opens no WebSocket`);
  }
  return scheme === "ws" ? "http" : "https";
}

/**
 * HTTP/1.0 connections end with the response unless the peer requests
 * otherwise. Through a proxy that may be the wish of another hop, so it is
 * ignored (RFC 9112 §9.3).
 */
function isPersistent(
  target: RequestTarget,
  { connection }: ConnectionHeaders,
  isHttp10: boolean,
): boolean {
  if (!isHttp10) return !hasToken(connection, "close");
  return target.form !== "absolute" && hasToken(connection, "keep-alive") &&
    !hasToken(connection, "close");
}

/** The first protocol of the list. Others would need a second reading of the request. */
function upgradeOf(
  { connection, upgrade }: ConnectionHeaders,
): string | undefined {
  if (upgrade === undefined || !hasToken(connection, "upgrade")) {
    return undefined;
  }
  if (hasToken(upgrade, "h2c")) return undefined;
  const protocol = trimOws(upgrade.split(",", 1)[0] ?? "");
  const isProtocol = protocol !== "" && isMadeOf(protocol, PROTOCOL_BYTES);
  return isProtocol ? protocol : undefined;
}

function withSlash(): Uint8Array {
  const table = tableOf("/");
  for (let at = 0; at < table.length; at++) table[at] ||= TOKEN_BYTES[at] ?? 0;
  return table;
}
