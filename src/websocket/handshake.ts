/** The opening of a WebSocket (RFC 6455 §4). */
import { createHash } from "node:crypto";

const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/** The value of `Sec-WebSocket-Accept`: proves that the other end has read `key` and knows WebSockets. */
export function acceptOf(key: string): string {
  return createHash("sha1").update(key + GUID).digest("base64");
}
