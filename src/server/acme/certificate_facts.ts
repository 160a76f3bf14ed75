/** What the renewal has to know of a certificate. */
// Must come before the X.509 package: it loads what the package needs.
import "reflect-metadata";
import * as x509 from "@peculiar/x509";

/** The names and the validity of a certificate. Times are in milliseconds since 1970. */
export interface CertificateFacts {
  readonly names: readonly string[];
  readonly from: number;
  readonly to: number;
}

/** The facts of the first certificate of a chain in PEM. @throws {Error} When it cannot be read. */
export function certificateFacts(certPem: string): CertificateFacts {
  const [first = new ArrayBuffer(0)] = x509.PemConverter.decode(certPem);
  const certificate = new x509.X509Certificate(first);
  return {
    names: sanOf(certificate),
    from: certificate.notBefore.getTime(),
    to: certificate.notAfter.getTime(),
  };
}

/** The host names of a certificate. */
export function sanOf(certificate: x509.X509Certificate): readonly string[] {
  const names = certificate.getExtension(x509.SubjectAlternativeNameExtension);
  return names?.names.items
    .filter(({ type }) => type === "dns")
    .map(({ value }) => value.toLowerCase()) ?? [];
}

/** Whether a certificate is for exactly these names, and valid at `now`. */
export function isFor(
  { names, to }: CertificateFacts,
  domains: readonly string[],
  now: number,
): boolean {
  const wanted = new Set(domains);
  return to > now && names.length === wanted.size &&
    names.every((name) => wanted.has(name));
}

/**
 * When a certificate is renewed: when a third of its life is left, and a little
 * earlier, so that not all servers come at once.
 *
 * @param random From 0 to 1.
 */
export function renewalTime(
  { from, to }: CertificateFacts,
  random: number,
): number {
  const third = (to - from) / 3;
  return to - third - random * third / 10;
}
