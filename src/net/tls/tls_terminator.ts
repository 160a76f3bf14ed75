/**
 * The server's side of TLS on any byte stream.
 *
 * Deno's own TLS has it for listeners only. A listener on loopback for every
 * host, and the bytes piped to it, is slower and never says TCP_NODELAY: an
 * response written in three pieces took 44 ms where this takes 0.1 ms.
 */
import {
  createSecureContext,
  type SecureContext,
  // Deno.listenTls cannot be given a stream, and has no TCP_NODELAY.
  TLSSocket,
} from "node:tls";
import type { ByteStream } from "../stream/byte_stream.ts";
import { AlpnChallenges } from "./alpn_challenges.ts";
import { TlsSocketStream } from "./tls_socket.ts";

/** Protocols that can follow, the preferred one first (RFC 7301). */
const PROTOCOLS = ["h2", "http/1.1"] as const;

/** A protocol that TLS can be followed by. */
export type AlpnProtocol = (typeof PROTOCOLS)[number];

/** The identity of the server. Keep it for all connections to one host: reading PEM costs more than a handshake. */
export interface TlsIdentity {
  readonly context: SecureContext;
  /** Challenges of a CA that are shown instead, to those who ask for them. */
  readonly challenges?: AlpnChallenges;
}

/** How TLS is spoken on one connection. */
export interface TerminateTlsOptions {
  readonly identity: TlsIdentity;
  /** Protocols that can follow, the preferred one first. Default HTTP/2 and HTTP/1.1. */
  readonly protocols?: readonly AlpnProtocol[];
  /** How long the handshake may take, in milliseconds. */
  readonly timeout?: number;
  /** Gives up the handshake. */
  readonly signal?: AbortSignal;
}

/** A connection whose TLS ends here. */
export interface TerminatedTls {
  /** What the client sends and gets inside. Closing it closes the stream below. */
  readonly stream: ByteStream;
  /** What was agreed on; `http/1.1` where nothing was. */
  readonly protocol: AlpnProtocol;
  /** The name that the client dialled (SNI), in lower case; `undefined` when it named none, as for an IP address. */
  readonly serverName: string | undefined;
}

/** An identity that can be replaced. Connections that exist keep the old one. */
export class ReplaceableIdentity implements TlsIdentity {
  readonly challenges: AlpnChallenges = new AlpnChallenges();
  #context: SecureContext;

  /** @param tls Certificate chain and key in PEM. @throws {Error} When they cannot be used. */
  constructor(tls: { readonly cert: string; readonly key: string }) {
    this.#context = createSecureContext(tls);
  }

  get context(): SecureContext {
    return this.#context;
  }

  /** New connections get this one. @throws {Error} When it cannot be used; then the old one stays. */
  replace(tls: { readonly cert: string; readonly key: string }): void {
    this.#context = createSecureContext(tls);
  }
}

/**
 * Takes a certificate chain and its key, both in PEM, for many connections.
 *
 * @throws {Error} When they cannot be used.
 */
export function tlsIdentity(
  { cert, key }: { readonly cert: string; readonly key: string },
): TlsIdentity {
  return { context: createSecureContext({ cert, key }) };
}

/**
 * Does the server's side of the handshake on `stream`, which is closed if it fails.
 *
 * @throws What ended the handshake: an alert of the client, a `TimeoutError`, the signal's reason.
 */
export async function terminateTls(
  stream: ByteStream,
  { identity, protocols = PROTOCOLS, timeout = 10_000, signal }:
    TerminateTlsOptions,
): Promise<TerminatedTls> {
  const plain = new TlsSocketStream(stream, (below) =>
    new TLSSocket(below, {
      isServer: true,
      secureContext: identity.context,
      ALPNProtocols: [...protocols],
    }));
  await plain.handshake("secure", { timeout, signal });
  const protocol = plain.socket.alpnProtocol === "h2" ? "h2" : "http/1.1";
  // The types of Node.js have it for both ends, with `false` for none.
  const { servername } = plain.socket as { readonly servername?: unknown };
  const isNamed = typeof servername === "string" && servername !== "";
  const serverName = isNamed ? servername.toLowerCase() : undefined;
  return { stream: plain, protocol, serverName };
}
