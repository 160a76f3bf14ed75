/** Shows the challenges TLS-ALPN-01 of a CA (RFC 8737 §3). */
// Must come before the X.509 package: it loads what the package needs.
import "reflect-metadata";
import * as x509 from "@peculiar/x509";
import type { AlpnChallenges } from "../../net/tls/alpn_challenges.ts";
import type { ChallengePublisher } from "./challenge_kind.ts";

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
/** `id-pe-acmeIdentifier` (RFC 8737 §6.1). */
const ACME_IDENTIFIER = "1.3.6.1.5.5.7.1.31";
/** An OCTET STRING of 32 bytes, in DER. */
const OCTET_STRING: readonly number[] = [0x04, 32];
const HOUR = 3_600_000;

/** Makes the certificates, and shows them on all ports with TLS. */
export class TlsChallenges implements ChallengePublisher {
  readonly kind = "tls-alpn-01";
  readonly #shown: AlpnChallenges;

  constructor(shown: AlpnChallenges) {
    this.#shown = shown;
  }

  async publish(
    domain: string,
    _token: string,
    proof: string,
  ): Promise<Disposable> {
    const digest = await crypto.subtle.digest(
      "SHA-256",
      new TextEncoder().encode(proof),
    );
    const value = new Uint8Array([...OCTET_STRING, ...new Uint8Array(digest)]);
    const keys = await crypto.subtle.generateKey(ALGORITHM, true, [
      "sign",
      "verify",
    ]);
    const now = Date.now();
    const certificate = await x509.X509CertificateGenerator.createSelfSigned({
      serialNumber: "01",
      name: [{ CN: ["ACME challenge"] }],
      notBefore: new Date(now - HOUR),
      notAfter: new Date(now + HOUR),
      signingAlgorithm: ALGORITHM,
      keys,
      extensions: [
        new x509.SubjectAlternativeNameExtension([
          { type: "dns", value: domain },
        ]),
        new x509.Extension(ACME_IDENTIFIER, true, value),
      ],
    });
    const pkcs8 = await crypto.subtle.exportKey("pkcs8", keys.privateKey);
    return this.#shown.publish(domain, {
      certificate: new Uint8Array(certificate.rawData),
      keyPem: x509.PemConverter.encode(pkcs8, "PRIVATE KEY"),
    });
  }
}
