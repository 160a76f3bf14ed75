import type { ByteStream } from "../net/stream/byte_stream.ts";
import type { Http2Server, Http2ServerStream } from "./api.ts";
import { Connection } from "./connection/connection.ts";
import { type Http2Options, resolveOptions } from "./options.ts";

/** Options of the server role. */
export interface Http2ServerOptions extends Http2Options {
  /** Called with each stream of the peer when its request fields are there. An exception ends the connection. */
  onStream(stream: Http2ServerStream): void;
}

/**
 * Starts HTTP/2 on `conn` as the server: the peer opens the streams (RFC 9113
 * §3.4). Takes `conn` over and closes it at the end. Does not wait for the
 * peer.
 *
 * @throws {RangeError} When a window or frame size is outside what the protocol
 * allows.
 */
export function startHttp2Server(
  conn: ByteStream,
  options: Http2ServerOptions,
): Http2Server {
  return new Connection(conn, {
    role: "server",
    options: resolveOptions(options),
    onStream: (stream) => options.onStream(stream),
  });
}
