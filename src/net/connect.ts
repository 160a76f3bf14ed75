/**
 * From a host name to a connection that is ready to speak HTTP: plain, or TLS
 * with the certificate checked.
 *
 * @module
 */
import type { Address } from "./address.ts";
import type { Dial } from "./dial.ts";
import { startTlsClient } from "./tls.ts";

/** Where to connect to, and whether over TLS. */
export interface ConnectTarget extends Address {
  /** Whether TLS is spoken; the certificate must then name `hostname`. */
  readonly secure: boolean;
}

/** How connections are made. */
export interface ConnectOptions {
  /** Makes the TCP connection. */
  readonly dial: Dial;
  /** Certificates in PEM that are trusted besides the built-in ones. */
  readonly caCerts?: readonly string[];
  /** How long a TLS handshake may take, in milliseconds. */
  readonly handshakeTimeout?: number;
}

/** Opens a connection, or throws a `DialError`. */
export type Connect = (
  target: ConnectTarget,
  signal: AbortSignal,
) => Promise<Deno.TcpConn | Deno.TlsConn>;

/** Makes a `Connect` with these options. */
export function createConnect(
  { dial, caCerts = [], handshakeTimeout = 10_000 }: ConnectOptions,
): Connect {
  return async function connect({ hostname, port, secure }, signal) {
    const conn = await dial({ hostname, port }, signal);
    if (!secure) return conn;
    return await startTlsClient(conn, {
      hostname,
      port,
      caCerts,
      timeout: handshakeTimeout,
      signal,
    });
  };
}
