/**
 * TLS to a host whose certificate is not verified, because the user said so.
 *
 * The connection is secret to those who only listen; whoever can change it can
 * read it.
 *
 * @module
 */
// Deno.startTls verifies always.
import { connect } from "node:tls";
import { type Address, formatAddress, isIpAddress } from "./address.ts";
import type { ByteStream } from "./byte_stream.ts";
import { dialErrorOf } from "./dial_error.ts";
import { duplexOver } from "./stream_duplex.ts";
import { TlsSocketStream } from "./tls_socket.ts";

/** Where the connection leads, and how long its handshake may take. */
export interface UnverifiedTlsOptions extends Address {
  /** In milliseconds. */
  readonly timeout?: number;
  readonly signal?: AbortSignal;
}

/**
 * Does the client's side of the handshake on `conn`, which is closed if it
 * fails, with whoever is there.
 *
 * @throws {DialError} `tls`, `timedOut` or `aborted`.
 */
export async function startUnverifiedTls(
  conn: ByteStream,
  { hostname, port, timeout = 10_000, signal }: UnverifiedTlsOptions,
): Promise<ByteStream> {
  const below = duplexOver(conn);
  const socket = connect({
    socket: below,
    rejectUnauthorized: false,
    ALPNProtocols: ["http/1.1"],
    // RFC 6066 §3: literal addresses are no server names.
    ...isIpAddress(hostname) ? {} : { servername: hostname },
  });
  const stream = new TlsSocketStream(socket, below);
  try {
    await stream.handshake("secureConnect", { timeout, signal });
    return stream;
  } catch (cause) {
    throw dialErrorOf(cause, formatAddress({ hostname, port }), { signal });
  }
}
