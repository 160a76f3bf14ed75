// WebSockets of a browser over HTTP/2 (RFC 8441) to sites that speak them over
// HTTP/1.1 only. Over HTTP/1.1 the site proves that it understood: it derives a
// field of its response from the browser's key (RFC 6455 §1.3). HTTP/2 has no such
// proof, so the server requests it and checks it.
import { Buffer } from "node:buffer";
import type {
  Handler,
  ProxyResponse,
  UpgradeRequest,
} from "../../http/exchange.ts";
import { closeQuietly } from "../../net/stream/byte_stream.ts";
import { ProxyError } from "../../proxy/errors/errors.ts";
import { acceptOf } from "../../websocket/handshake.ts";

const KEY_BYTES = 16;

/**
 * Adds the key to WebSocket requests, and removes the proof from the responses.
 *
 * @throws {ProxyError} From the handler: `upgradeDeclined` when the response is
 * successful but not a WebSocket. Over HTTP/2 it would look like one.
 */
export function websocketHandshake(next: Handler): Handler {
  return async function shakingHands(request, context) {
    if (request.kind !== "upgrade") return await next(request, context);
    const key = addKey(request);
    const response = await next(request, context);
    if (response.kind === "response") {
      if (response.status >= 300) return response;
    } else if (key === undefined || isProven(response, key)) return response;
    dispose(response);
    throw new ProxyError("upgradeDeclined", request.authority);
  };
}

/** Adds a key to a WebSocket request; other protocols have none. */
function addKey({ protocol, fields }: UpgradeRequest): string | undefined {
  if (protocol.toLowerCase() !== "websocket") return undefined;
  const bytes = crypto.getRandomValues(new Uint8Array(KEY_BYTES));
  const key = Buffer.from(bytes).toString("base64");
  fields.set("Sec-WebSocket-Key", key);
  return key;
}

function isProven({ fields }: ProxyResponse, key: string): boolean {
  const proof = fields.get("sec-websocket-accept");
  fields.delete("sec-websocket-accept");
  return proof === acceptOf(key);
}

function dispose(response: ProxyResponse): void {
  if (response.kind === "stream") closeQuietly(response.stream);
  else response.body?.cancel();
}
