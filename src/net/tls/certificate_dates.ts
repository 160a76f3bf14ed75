// Until when certificates in PEM are valid.
import { X509Certificate } from "node:crypto";

const CERTIFICATE =
  /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** What is said of a certificate that ends. */
export interface CertificateEnd {
  /** As the certificate says: `CN=proxy.example`. */
  readonly subject: string;
  /** Milliseconds since 1970. */
  readonly begin: number;
  readonly end: number;
}

/**
 * Every certificate in `pem` with the end of its validity, in its order.
 *
 * @throws {Error} When one cannot be read.
 */
export function certificateEnds(pem: string): readonly CertificateEnd[] {
  return Array.from(pem.matchAll(CERTIFICATE), ([text]) => {
    const certificate = new X509Certificate(text);
    const { validFrom, validTo } = certificate;
    return {
      subject: nameOf(certificate),
      begin: Date.parse(validFrom),
      end: Date.parse(validTo),
    };
  });
}

/** Its subject, or its names where it has none (RFC 5280 §4.1.2.6). */
function nameOf(
  { subject, subjectAltName = "" }: {
    // Node's types do not say that it may be missing.
    readonly subject: string | undefined;
    readonly subjectAltName?: string | undefined;
  },
): string {
  return subject?.replaceAll("\n", ", ") ?? subjectAltName;
}
