/**
 * From a host name to a connection that is ready for HTTP: plain, or TLS with
 * the certificate verified, unless the user has excluded the host.
 */
import type { Address } from "../address/address.ts";
import type { ByteStream } from "../stream/byte_stream.ts";
import type { Dial } from "./dial.ts";
import { type OnPhase, timePhase } from "./dial_phases.ts";
import type { CertificateOwner } from "../tls/certificate_words.ts";
import { explainCertificate } from "../tls/explain_certificate.ts";
import { startTlsClient } from "../tls/start_tls_client.ts";
import type { CertificatePins } from "../tls/certificate_pins.ts";
import { startPinnedTls, startTlsOver } from "../tls/start_tls_over.ts";

/** Where to connect to, and whether over TLS. */
export interface DialTarget extends Address {
  /** Whether TLS is spoken; the certificate must then name `hostname`. */
  readonly secure: boolean;
  /** Protocols offered by ALPN (RFC 7301), the preferred one first. Default: HTTP/1.1. */
  readonly alpnProtocols?: readonly string[];
  /** Where the connection leads instead. The certificate must still name `hostname`. */
  readonly place?: Address | undefined;
  /** The proxies before this one (`Via`, RFC 9110 §7.6.3), for the CONNECT to an upstream proxy. */
  readonly via?: string | undefined;
}

/** Hosts whose certificate is not verified. */
export interface UnverifiedHosts {
  /** Whether this host is one. */
  matches(hostname: string): boolean;
  /** Called for every connection to such a host, with the request that it is for. */
  onConnection(hostname: string, exchangeId: string | undefined): void;
}

/** How connections are made. */
export interface ConnectOptions {
  /** Makes the TCP connection. */
  readonly dial: Dial;
  /** Certificates in PEM that are trusted besides the built-in ones. */
  readonly caCerts?: readonly string[];
  /** Where they come from, for messages; in the same order. */
  readonly caFiles?: readonly string[] | undefined;
  /** Who shows a certificate, for messages. Default `site`. */
  readonly owner?: CertificateOwner;
  /** How long a TLS handshake may take, in milliseconds. */
  readonly handshakeTimeout?: number;
  /** Who is trusted instead of authorities. Default: authorities are asked. */
  readonly pins?: CertificatePins | undefined;
  /** Default: none. */
  readonly unverified?: UnverifiedHosts | undefined;
  /** Notified of how long TLS handshakes take. Default: nobody is. */
  readonly onPhase?: OnPhase | undefined;
}

/**
 * Opens a connection, or throws a `DialError`.
 *
 * @param exchangeId The request that the connection is for, for log lines.
 */
export type Connect = (
  target: DialTarget,
  signal: AbortSignal,
  exchangeId?: string,
) => Promise<ByteStream>;

/** Makes a `Connect` with these options. */
export function createConnect(
  {
    dial,
    caCerts = [],
    caFiles,
    owner = "site",
    handshakeTimeout: timeout = 10_000,
    pins,
    unverified,
    onPhase,
  }: ConnectOptions,
): Connect {
  return async function connect(
    { hostname, port, secure, place, alpnProtocols = ["http/1.1"] },
    signal,
    exchangeId,
  ) {
    const end = place ?? { hostname, port };
    const conn = await dial(end, signal, exchangeId);
    if (!secure) return conn;
    const where = { hostname, port, alpnProtocols, timeout, signal };
    const timed = <Result>(shake: () => Promise<Result>) =>
      timePhase("tls", shake, { onPhase, exchangeId });
    if (pins !== undefined) {
      return await timed(() => startPinnedTls(conn, { ...where, pins }));
    }
    if (!unverified?.matches(hostname)) {
      try {
        return await timed(() => startTlsClient(conn, { ...where, caCerts }));
      } catch (cause) {
        throw await explainCertificate(cause, {
          ...{ hostname, port, owner, caCerts, caFiles, signal },
          open: (until) => dial(end, until, exchangeId),
        });
      }
    }
    const stream = await timed(() =>
      startTlsOver(conn, { ...where, verify: false })
    );
    unverified.onConnection(hostname, exchangeId);
    return stream;
  };
}
