import type { Body, PlainRequest, ProxyRequest } from "../http/exchange.ts";
import { Fields } from "../http/fields.ts";
import { isHopByHop } from "../http/hop_by_hop.ts";
import { isToken } from "../http/tokens.ts";
import { sentFramingOf } from "../http1/client/outgoing_request.ts";
import { Http1Error, malformed } from "../http1/errors.ts";
import {
  isAuthority,
  isTarget,
  parseTarget,
} from "../http1/parse/request_target.ts";
import type { ResponseCodec } from "./send_stream.ts";
import type { StreamCodec } from "./serve_stream.ts";

/** Messages as RFC 9113 §8.3 writes them. */
export const HTTP2_MESSAGES: StreamCodec & ResponseCodec = {
  decodeRequest,
  decodeResponse(list) {
    const { meta, fields } = takeApart(list);
    return { status: Number(meta.get(":status")), fields, switched: false };
  },
  encodeResponse({ kind, status, fields }, request) {
    // RFC 8441 §5: 200 stands for the 101 of HTTP/1.1.
    const switched = kind === "stream" && request.kind === "upgrade";
    return [":status", switched ? "200" : String(status), ...listOf(fields)];
  },
  encodeInterim: (status, fields) => [
    ":status",
    String(status),
    ...listOf(fields),
  ],
  encodeFields: listOf,
  decodeFields: (list) => new Fields([...list]),
};

/**
 * The field list of a request to a site. `te: trailers` is ours to say: trailer
 * fields are passed on, and gRPC sends none without it.
 */
export function encodeHttp2Request(request: PlainRequest): string[] {
  const { method, scheme, authority, path, fields } = request;
  const list = [
    ...[":method", method, ":scheme", scheme],
    ...[":authority", fields.get("host") ?? authority, ":path", path],
  ];
  for (const [name, value] of fields) {
    const lower = name.toLowerCase();
    if (isHopByHop(name) || lower === "host" || lower === "content-length") {
      continue;
    }
    list.push(lower, value);
  }
  const framing = sentFramingOf(request);
  if (framing.kind === "length") {
    list.push("content-length", String(framing.length));
  }
  list.push("te", "trailers");
  return list;
}

/**
 * Takes apart what the HTTP/2 layer has checked already, and refuses what HTTP/1.1
 * would refuse in a request line or in `Host`.
 */
function decodeRequest(
  list: readonly string[],
  body: ((length: number | undefined) => Body) | undefined,
): ProxyRequest {
  const { meta, fields } = takeApart(list);
  const method = meta.get(":method") ?? "";
  const protocol = meta.get(":protocol");
  const authority = authorityOf(meta, fields);
  if (!isToken(method)) throw malformed("the method is not a token");
  if (method === "CONNECT" && protocol === undefined) {
    parseTarget(method, authority);
    return { kind: "connect", method, authority, fields };
  }
  fields.set("host", authority);
  const head = {
    authority,
    scheme: schemeOf(meta.get(":scheme")),
    path: pathOf(method, meta.get(":path") ?? ""),
    fields,
  };
  if (protocol !== undefined) {
    if (protocol !== "websocket") throw unsupportedProtocol();
    return { kind: "upgrade", method: "GET", protocol, ...head };
  }
  const length = fields.get("content-length");
  const content = body?.(length === undefined ? undefined : Number(length));
  return { kind: "request", method, body: content, ...head };
}

function takeApart(
  list: readonly string[],
): { readonly meta: ReadonlyMap<string, string>; readonly fields: Fields } {
  const meta = new Map<string, string>();
  const flat: string[] = [];
  const cookies: string[] = [];
  for (let at = 0; at < list.length; at += 2) {
    const name = list[at] ?? "";
    const value = list[at + 1] ?? "";
    if (name.startsWith(":")) meta.set(name, value);
    else if (name === "cookie") cookies.push(value);
    else if (!isHopByHop(name)) flat.push(name, value);
  }
  // Browsers send them one by one, HTTP/1.1 has them on one line (§8.2.3).
  if (cookies.length > 0) flat.push("cookie", cookies.join("; "));
  return { meta, fields: new Fields(flat) };
}

/** Without `:authority` the Host field says it (§8.3.1). */
function authorityOf(
  meta: ReadonlyMap<string, string>,
  fields: Fields,
): string {
  if (fields.getAll("host").length > 1) {
    throw malformed("it has more than one Host");
  }
  const authority = meta.get(":authority") ?? fields.get("host") ?? "";
  if (isAuthority(authority)) return authority;
  throw malformed("the authority is not host or host:port");
}

/** A handler refuses what does not belong on its connection. */
function schemeOf(text: string | undefined): PlainRequest["scheme"] {
  if (text === "http" || text === "https") return text;
  throw malformed("the scheme is neither http nor https");
}

/** Path and query: nothing that could end a request line, and no fragment. */
function pathOf(method: string, path: string): string {
  if (!isTarget(path)) {
    throw malformed("the path has a character that is not allowed there");
  }
  // The method of a WebSocket is CONNECT here, and GET in HTTP/1.1.
  return parseTarget(method === "CONNECT" ? "GET" : method, path).path;
}

/** h2c among others: requests inside it would pass unseen. */
function unsupportedProtocol(): Http1Error {
  return new Http1Error(
    "unsupportedUpgrade",
    "Cannot read the message: its protocol is not websocket",
  );
}

/** Names in lower case, without what HTTP/2 has no use for. */
function listOf(fields: Fields): string[] {
  const list: string[] = [];
  for (const [name, value] of fields) {
    if (!isHopByHop(name)) list.push(name.toLowerCase(), value);
  }
  return list;
}
