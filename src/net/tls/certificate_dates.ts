// Until when certificates in PEM are valid.
import { X509Certificate } from "node:crypto";

const CERTIFICATE =
  /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** What is said of a certificate that ends. */
export interface CertificateEnd {
  /** As the certificate says: `CN=proxy.example`. */
  readonly subject: string;
  /** Milliseconds since 1970. */
  readonly end: number;
}

/**
 * Every certificate in `pem` with the end of its validity, in its order.
 *
 * @throws {Error} When one cannot be read.
 */
export function certificateEnds(pem: string): readonly CertificateEnd[] {
  return Array.from(pem.matchAll(CERTIFICATE), ([text]) => {
    const { subject, validTo } = new X509Certificate(text);
    return {
      subject: subject.replaceAll("\n", ", "),
      end: Date.parse(validTo),
    };
  });
}
