import { abortable } from "../../async/abortable.ts";
import { deadline } from "../../async/timer.ts";
import { formatAddress } from "../address/address.ts";
import { type ByteStream, closeQuietly } from "../stream/byte_stream.ts";
import { dialErrorOf } from "../dial_error.ts";
import { startTlsOver } from "./start_tls_over.ts";

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
 * Deno 2.9 keeps the file of a connection that is closed before its handshake
 * has ended, until the peer closes it. With this many of them, Node's TLS is
 * used, which takes more processor time and frees the file at once.
 */
const MAX_UNFINISHED = 4;
/** After this long the system has closed a connection whose peer is gone, in milliseconds: TCP keepalive takes 2 h and 11 min. */
const UNFINISHED_LIFETIME = 135 * 60_000;

/** When each unfinished handshake was given up, the oldest first. Files belong to the process, and so does this. */
const unfinished: number[] = [];

/**
 * Does the client's side of the handshake on `conn`, which is closed if it
 * fails. The certificate is always verified.
 *
 * @throws {DialError} `certificate`, `tls`, `timedOut` or `aborted`.
 */
export async function startTlsClient(
  conn: Deno.TcpConn,
  options: TlsOptions,
): Promise<ByteStream> {
  if (hasTooManyUnfinished()) {
    return await startTlsOver(conn, { ...options, verify: true });
  }
  const { hostname, port, caCerts = [], timeout = 10_000, signal } = options;
  const { alpnProtocols = ["http/1.1"] } = options;
  let open: Deno.TcpConn | Deno.TlsConn = conn;
  let isFinished = false;
  try {
    const secure = await Deno.startTls(conn, {
      hostname,
      caCerts: [...caCerts],
      alpnProtocols: [...alpnProtocols],
    });
    open = secure;
    const handshake = secure.handshake().finally(() => isFinished = true);
    const { alpnProtocol } = await deadline(
      abortable(handshake, signal),
      timeout,
    );
    return Object.assign(secure, { alpnProtocol: alpnProtocol ?? undefined });
  } catch (cause) {
    if (open !== conn && !isFinished) unfinished.push(Date.now());
    closeQuietly(open);
    throw dialErrorOf(cause, formatAddress({ hostname, port }), { signal });
  }
}

function hasTooManyUnfinished(): boolean {
  const [oldest] = unfinished;
  if (oldest === undefined) return false;
  if (Date.now() - oldest > UNFINISHED_LIFETIME) unfinished.shift();
  return unfinished.length >= MAX_UNFINISHED;
}
