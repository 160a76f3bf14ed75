/** How a CA finds out that a name leads here (RFC 8555 §8, RFC 8737). */

/** The kinds that are shown here; a third one, DNS-01, needs another program. */
export type ChallengeKind = "http-01" | "tls-alpn-01";

/** Shows a CA what it looks for. */
export interface ChallengePublisher {
  readonly kind: ChallengeKind;
  /**
   * Shows it until disposed.
   *
   * @param domain The name that is checked.
   * @param proof The key authorization (RFC 8555 §8.1).
   */
  publish(
    domain: string,
    token: string,
    proof: string,
  ): Promise<Disposable>;
}
