/** What a CA is asked to sign, and whether it has signed that. */
// Must come before the X.509 package: it loads what the package needs.
import "reflect-metadata";
import * as x509 from "@peculiar/x509";
import { sanOf } from "./certificate_facts.ts";

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };

/** A request for a certificate, with a key of its own. */
export interface CertificateRequest {
  /** DER in base64url. */
  readonly csr: string;
  /** PKCS #8 in PEM. */
  readonly keyPem: string;
  readonly publicKey: CryptoKey;
}

/** Makes a request for these names. */
export async function makeCertificateRequest(
  domains: readonly string[],
): Promise<CertificateRequest> {
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, [
    "sign",
    "verify",
  ]);
  const csr = await x509.Pkcs10CertificateRequestGenerator.create({
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.SubjectAlternativeNameExtension(
        domains.map((value): x509.JsonGeneralName => ({ type: "dns", value })),
      ),
    ],
  });
  const pkcs8 = await crypto.subtle.exportKey("pkcs8", keys.privateKey);
  return {
    csr: new Uint8Array(csr.rawData).toBase64({
      alphabet: "base64url",
      omitPadding: true,
    }),
    keyPem: `${x509.PemConverter.encode(pkcs8, "PRIVATE KEY")}\n`,
    publicKey: keys.publicKey,
  };
}

/** Whether the first certificate of a chain is for the key and the names of a request. */
export async function matches(
  certPem: string,
  { publicKey }: Pick<CertificateRequest, "publicKey">,
  domains: readonly string[],
): Promise<boolean> {
  let certificate: x509.X509Certificate;
  try {
    const [first] = x509.PemConverter.decode(certPem);
    if (first === undefined) return false;
    certificate = new x509.X509Certificate(first);
  } catch {
    return false;
  }
  const own = await crypto.subtle.exportKey("spki", publicKey);
  const names = sanOf(certificate);
  return new Uint8Array(own).toHex() ===
      new Uint8Array(certificate.publicKey.rawData).toHex() &&
    domains.every((each) => names.includes(each));
}
