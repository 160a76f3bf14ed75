/**
 * Whether a certificate and a key that somebody gave us belong together.
 *
 * @module
 */
import { listenTls } from "../../net/listen/listen.ts";
import { CertificateError } from "./certificates.ts";

/** Reasons come from the TLS library and speak of Rust; these are the usual ones. */
const REASONS: readonly (readonly [RegExp, string])[] = [
  [/KeyMismatch/, "the key belongs to another certificate"],
  [/private key|decode key/i, "the key cannot be read"],
  [/BadEncoding|No certificates/, "the certificate cannot be read"],
];

/**
 * Checks a pair in PEM. The runtime looks at a pair only when it listens; so
 * it does, for a moment, where nothing else can go wrong.
 *
 * @throws {CertificateError} When it cannot be used. The key is not repeated.
 */
export function checkKeyPair(
  tls: { readonly cert: string; readonly key: string },
): void {
  try {
    listenTls({ hostname: "127.0.0.1", port: 0 }, tls).close();
  } catch (error) {
    const cause = error instanceof Error ? error.cause : undefined;
    const text = cause instanceof Error ? cause.message : String(error);
    const known = REASONS.find(([pattern]) => pattern.test(text));
    throw new CertificateError(
      `Cannot use the certificate of the server: ${known?.[1] ?? text}, ` +
        "give a certificate and its key in PEM",
      { cause: error },
    );
  }
}
