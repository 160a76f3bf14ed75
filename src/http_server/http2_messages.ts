import type { Body, PlainRequest, ProxyRequest } from "../http/exchange.ts";
import { Fields } from "../http/fields.ts";
import { isHopByHop } from "../http/hop_by_hop.ts";
import type { StreamCodec } from "./serve_stream.ts";

/** Messages as RFC 9113 §8.3 writes them. */
export const HTTP2_MESSAGES: StreamCodec = {
  decodeRequest,
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

/** Takes apart what the HTTP/2 layer has checked already. */
function decodeRequest(
  list: readonly string[],
  body: ((length: number | undefined) => Body) | undefined,
): ProxyRequest {
  const { meta, fields } = takeApart(list);
  const method = meta.get(":method") ?? "";
  const protocol = meta.get(":protocol");
  // Without `:authority` the Host field says it (§8.3.1).
  const authority = meta.get(":authority") ?? fields.get("host") ?? "";
  if (method === "CONNECT" && protocol === undefined) {
    return { kind: "connect", method, authority, fields };
  }
  fields.set("host", authority);
  const head = {
    authority,
    scheme: schemeOf(meta.get(":scheme")),
    path: meta.get(":path") ?? "/",
    fields,
  };
  if (protocol !== undefined) {
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

/** A handler refuses what does not belong on its connection. */
function schemeOf(text: string | undefined): PlainRequest["scheme"] {
  return text === "https" ? "https" : "http";
}

/** Names in lower case, without what HTTP/2 has no use for. */
function listOf(fields: Fields): string[] {
  const list: string[] = [];
  for (const [name, value] of fields) {
    if (!isHopByHop(name)) list.push(name.toLowerCase(), value);
  }
  return list;
}
