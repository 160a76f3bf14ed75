/**
 * TLS on a connected socket, with the certificate always checked.
 *
 * @module
 */
import { abortable } from "../async/abortable.ts";
import { deadline } from "../async/timer.ts";
import { formatAddress } from "./address.ts";
import { closeQuietly } from "./byte_stream.ts";
import { dialErrorOf } from "./dial_error.ts";

/** How a TLS connection is made. */
export interface TlsOptions {
  /** The name that the certificate must carry; sent as SNI. */
  readonly hostname: string;
  /** For messages. */
  readonly port: number;
  /** Certificates in PEM that are trusted besides the built-in ones. */
  readonly caCerts?: readonly string[];
  /** Protocols offered by ALPN (RFC 7301), the preferred one first. */
  readonly alpnProtocols?: readonly string[];
  /** How long the handshake may take, in milliseconds. */
  readonly timeout?: number;
  /** Ends the handshake when aborted. */
  readonly signal?: AbortSignal;
}

/**
 * Does the client's side of the handshake on `conn`, which is closed if it fails.
 *
 * @throws {DialError} `certificate`, `tls`, `timedOut` or `aborted`.
 */
export async function startTlsClient(
  conn: Deno.TcpConn,
  {
    hostname,
    port,
    caCerts = [],
    alpnProtocols = ["http/1.1"],
    timeout = 10_000,
    signal,
  }: TlsOptions,
): Promise<Deno.TlsConn> {
  let open: Deno.TcpConn | Deno.TlsConn = conn;
  try {
    const secure = await Deno.startTls(conn, {
      hostname,
      caCerts: [...caCerts],
      alpnProtocols: [...alpnProtocols],
    });
    open = secure;
    await deadline(abortable(secure.handshake(), signal), timeout);
    return secure;
  } catch (cause) {
    closeQuietly(open);
    throw dialErrorOf(cause, formatAddress({ hostname, port }), { signal });
  }
}
