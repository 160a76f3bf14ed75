/**
 * TLS on any byte stream, for where Deno's own cannot go: inside another
 * connection, such as one through a proxy, and to a host whose certificate is
 * not verified because the user said so.
 *
 * An unverified connection is protected from passive listeners. An attacker who can
 * change it can read it.
 */
import { X509Certificate } from "node:crypto";
// Deno.startTls takes sockets only, and verifies always.
import { connect } from "node:tls";
import {
  type Address,
  formatAddress,
  isIpAddress,
} from "../address/address.ts";
import { type ByteStream, closeQuietly } from "../stream/byte_stream.ts";
import { DialError, dialErrorOf } from "../dial_error.ts";
import { type CertificatePins, pinFault } from "./certificate_pins.ts";
import { TlsSocketStream } from "./tls_socket.ts";

/** Certificates of one chain that are looked at; real ones have two to four. */
const MAX_CHAIN = 10;

/** Where the connection leads, and how its handshake is done. */
export interface TlsOverOptions extends Address {
  /** Whether the certificate is verified. */
  readonly verify: boolean;
  /** Certificates in PEM that are trusted besides the built-in ones. */
  readonly caCerts?: readonly string[];
  /** Protocols offered by ALPN (RFC 7301), the preferred one first. Default: HTTP/1.1. */
  readonly alpnProtocols?: readonly string[];
  /** How long the handshake may take, in milliseconds. */
  readonly timeout?: number;
  readonly signal?: AbortSignal;
}

/**
 * Does the client's side of the handshake on `conn`, which is closed if it
 * fails.
 *
 * @throws {DialError} `certificate`, `tls`, `timedOut` or `aborted`.
 */
export function startTlsOver(
  conn: ByteStream,
  options: TlsOverOptions,
): Promise<ByteStream> {
  return openTls(conn, options);
}

/**
 * The certificates that the peer behind `conn` shows, trusted or not: its own
 * first, then those of its signers. `conn` is closed.
 *
 * @throws {DialError} `tls`, `timedOut` or `aborted`.
 */
export async function peerCertificates(
  conn: ByteStream,
  options: Omit<TlsOverOptions, "verify">,
): Promise<readonly X509Certificate[]> {
  const stream = await openTls(conn, { ...options, verify: false });
  try {
    return chainOf(stream);
  } finally {
    closeQuietly(stream);
  }
}

/**
 * Does the client's side of the handshake with a peer that is pinned: no
 * authority is asked. Deno 2.9 verifies that the peer has the key of what it
 * shows, also where it verifies nothing else; in TLS 1.3 this was tried.
 *
 * @throws {DialError} `certificate`, `tls`, `timedOut` or `aborted`.
 */
export async function startPinnedTls(
  conn: ByteStream,
  { pins, ...options }: Omit<TlsOverOptions, "verify" | "caCerts"> & {
    readonly pins: CertificatePins;
  },
): Promise<ByteStream> {
  const minVersion = "TLSv1.3";
  const stream = await openTls(conn, { ...options, verify: false, minVersion });
  const { hostname } = options;
  const [own, ...others] = chainOf(stream);
  const fault = own === undefined
    ? "it shows none"
    : pinFault([own, ...others], pins, { hostname, now: new Date() });
  if (fault === undefined) return stream;
  closeQuietly(stream);
  throw new DialError(
    "certificate",
    `Cannot trust the certificate of "${formatAddress(options)}": ${fault}`,
    { why: fault },
  );
}

function chainOf({ socket }: TlsSocketStream): readonly X509Certificate[] {
  const chain: X509Certificate[] = [];
  let each = socket.getPeerCertificate(true);
  while (chain.length < MAX_CHAIN && each?.raw !== undefined) {
    chain.push(new X509Certificate(each.raw));
    // A self-signed certificate is its own issuer.
    if (each.issuerCertificate === each) break;
    each = each.issuerCertificate;
  }
  return chain;
}

async function openTls(
  conn: ByteStream,
  {
    hostname,
    port,
    verify,
    caCerts = [],
    timeout = 10_000,
    signal,
    minVersion,
    ...options
  }: TlsOverOptions & { readonly minVersion?: "TLSv1.3" },
): Promise<TlsSocketStream> {
  const { alpnProtocols = ["http/1.1"] } = options;
  const stream = new TlsSocketStream(conn, (below) =>
    connect({
      socket: below,
      rejectUnauthorized: verify,
      ALPNProtocols: [...alpnProtocols],
      ...minVersion !== undefined && { minVersion },
      ...caCerts.length > 0 && { ca: [...caCerts] },
      host: hostname,
      // RFC 6066 §3: literal addresses are not server names.
      ...isIpAddress(hostname) ? {} : { servername: hostname },
    }));
  try {
    await stream.handshake("secureConnect", { timeout, signal });
    return stream;
  } catch (cause) {
    throw dialErrorOf(cause, formatAddress({ hostname, port }), { signal });
  }
}
