/**
 * The Upgrade to a WebSocket (RFC 6455 §4), for networks that pass no other. The
 * messages carry the bytes that would follow an Upgrade to `sallyport`.
 */
import { Buffer } from "node:buffer";
import type { Fields } from "../http/fields.ts";
import type { ByteStream } from "../net/stream/byte_stream.ts";
import { acceptOf } from "../websocket/handshake.ts";
import { MessageStream } from "../websocket/message_stream.ts";

/** The Upgrade token of WebSockets. */
export const WEBSOCKET_TOKEN = "websocket";

const KEY_BYTES = 16;
const VERSION = "13";

/** A key for one handshake. */
export function websocketKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(KEY_BYTES));
  return Buffer.from(bytes).toString("base64");
}

/** The fields of the request that make it a WebSocket handshake. */
export function websocketRequestFields(key: string): string[] {
  return ["Sec-WebSocket-Key", key, "Sec-WebSocket-Version", VERSION];
}

/** Whether the response proves that the server has read `key`. */
export function isAccepted(response: Fields, key: string): boolean {
  return response.get("sec-websocket-accept") === acceptOf(key) &&
    !response.has("sec-websocket-extensions");
}

/** The key of a request, `undefined` when it is not a handshake of this version. */
export function websocketKeyOf(request: Fields): string | undefined {
  const key = request.get("sec-websocket-key") ?? "";
  const isKey = /^[A-Za-z\d+/]{22}==$/.test(key);
  return isKey && request.get("sec-websocket-version") === VERSION
    ? key
    : undefined;
}

/** The fields of the response to a handshake with `key`. */
export function websocketResponseFields(key: string): string[] {
  return ["Sec-WebSocket-Accept", acceptOf(key)];
}

/** The bytes inside the messages, at the client's end. */
export function websocketAtClient(stream: ByteStream): ByteStream {
  return new MessageStream(stream, { isClient: true });
}

/** The bytes inside the messages, at the server's end. */
export function websocketAtServer(stream: ByteStream): ByteStream {
  return new MessageStream(stream, { isClient: false });
}
