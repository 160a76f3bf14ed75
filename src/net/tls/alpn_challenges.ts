/** The challenges TLS-ALPN-01 that a CA may look at now (RFC 8737). */
import type { AcceptedConnection } from "../listen/accepted_connection.ts";
import {
  ACME_PROTOCOL,
  type ChallengeCertificate,
  showChallenge,
} from "./challenge_handshake.ts";
import { type ClientHello, readClientHello } from "./client_hello.ts";

/** Certificates of challenges by name, while a CA checks them. */
export class AlpnChallenges {
  readonly #pending = new Map<string, ChallengeCertificate>();

  /** Shows the certificate to everybody who asks for it, until disposed. */
  publish(name: string, certificate: ChallengeCertificate): Disposable {
    this.#pending.set(name, certificate);
    return { [Symbol.dispose]: () => void this.#pending.delete(name) };
  }

  /**
   * Serves a connection that asks for the certificate of a challenge. Every
   * other one costs nothing while no CA is expected.
   *
   * @param record The first record of the peer.
   * @returns `false` when it asks for something else; nothing was sent then.
   */
  async serve(
    conn: AcceptedConnection,
    record: Uint8Array,
  ): Promise<boolean> {
    if (this.#pending.size === 0) return false;
    const hello = readClientHello(record);
    const shown = hello && this.#find(hello);
    if (hello === undefined || shown === undefined) return false;
    await showChallenge(conn, hello, shown);
    return true;
  }

  /** A CA offers this protocol alone (RFC 8737 §3). */
  #find(
    { protocols, serverName }: ClientHello,
  ): ChallengeCertificate | undefined {
    const isChallenge = protocols.length === 1 &&
      protocols[0] === ACME_PROTOCOL;
    if (!isChallenge || serverName === undefined) return undefined;
    return this.#pending.get(serverName);
  }
}
