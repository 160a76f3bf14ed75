import { listenTls } from "../../net/listen/listen.ts";
import { CertificateError } from "./certificates.ts";

/** Plain words for the usual errors of the TLS library. */
const REASONS: readonly (readonly [RegExp, string])[] = [
  [/KeyMismatch/, "the key belongs to another certificate"],
  [/private key|decode key/i, "the key cannot be read"],
  [/BadEncoding|No certificates/, "the certificate cannot be read"],
];

/**
 * Checks that a certificate and a key in PEM belong together. The runtime only
 * checks a pair when it listens, so this listens for a moment on a free port.
 *
 * @throws {CertificateError} When they cannot be used. It does not contain the key.
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
