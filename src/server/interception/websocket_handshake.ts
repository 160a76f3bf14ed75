/**
 * WebSockets that a browser asks for over HTTP/2 (RFC 8441), of sites that know
 * them over HTTP/1.1 only.
 *
 * The two differ in a proof that the site has understood: a key, and an answer
 * made of it (RFC 6455 §1.3). Over HTTP/2 there is none, so it is asked for and
 * checked here.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import type {
  Handler,
  ProxyResponse,
  UpgradeRequest,
} from "../../http/exchange.ts";
import { closeQuietly } from "../../net/stream/byte_stream.ts";
import { ProxyError } from "../../proxy/errors/errors.ts";

const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const KEY_BYTES = 16;

/**
 * A handler that adds the proof to requests for WebSockets, and takes it out of
 * the answers.
 *
 * @throws {ProxyError} From the handler: `upgradeDeclined` when the site answers
 * with success but no WebSocket, which over HTTP/2 would look like one.
 */
export function websocketHandshake(handler: Handler): Handler {
  return async function proving(request, context) {
    if (request.kind !== "upgrade") return await handler(request, context);
    const key = keyOf(request);
    const response = await handler(request, context);
    if (response.kind === "response") {
      if (response.status >= 300) return response;
    } else if (key === undefined || isProven(response, key)) return response;
    dispose(response);
    throw new ProxyError("upgradeDeclined", request.authority);
  };
}

/** Gives a request for a WebSocket its key; other protocols have none. */
function keyOf({ protocol, fields }: UpgradeRequest): string | undefined {
  if (protocol.toLowerCase() !== "websocket") return undefined;
  const bytes = crypto.getRandomValues(new Uint8Array(KEY_BYTES));
  const key = Buffer.from(bytes).toString("base64");
  fields.set("Sec-WebSocket-Key", key);
  return key;
}

function isProven({ fields }: ProxyResponse, key: string): boolean {
  const proof = fields.get("sec-websocket-accept");
  fields.delete("sec-websocket-accept");
  return proof === createHash("sha1").update(key + GUID).digest("base64");
}

function dispose(response: ProxyResponse): void {
  if (response.kind === "stream") closeQuietly(response.stream);
  else response.body?.cancel();
}
