import type { ByteStream } from "../net/stream/byte_stream.ts";
import type { Http2Client } from "./api.ts";
import { Connection } from "./connection/connection.ts";
import { type Http2Options, resolveOptions } from "./options.ts";

/**
 * Starts HTTP/2 on `conn` as the client, the side that opens the streams (RFC
 * 9113 §3.4). Takes `conn` over and closes it at the end. Does not wait for the
 * peer.
 *
 * @throws {RangeError} When a window or frame size is outside what the protocol
 * allows.
 */
export function startHttp2Client(
  conn: ByteStream,
  options: Http2Options = {},
): Http2Client {
  return new Connection(conn, {
    role: "client",
    options: resolveOptions(options),
    // A server cannot open streams: push is disabled.
    onStream: () => {},
  });
}
