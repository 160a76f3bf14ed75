/**
 * Certificates for tests: an authority and what it signs, made in every
 * process.
 *
 * @module
 */
// @peculiar/x509 needs the decorators' metadata before it is loaded.
import "reflect-metadata";
import * as x509 from "@peculiar/x509";

const ALGORITHM = {
  name: "ECDSA",
  namedCurve: "P-256",
  hash: "SHA-256",
} as const;

const DAY = 24 * 3600 * 1000;

/** A certificate with its key, both as PEM. */
export interface CertifiedKey {
  readonly cert: string;
  readonly key: string;
}

/** Signs certificates of tests. */
export interface TestAuthority {
  /** Its own certificate as PEM: what a client has to trust. */
  readonly ca: string;
  /** Makes a certificate for names and IP addresses. */
  issue(names: readonly string[], validity?: Validity): Promise<CertifiedKey>;
}

/** From when until when; by default from yesterday until tomorrow. */
export interface Validity {
  readonly notBefore?: Date;
  readonly notAfter?: Date;
}

function generateKeys(): Promise<CryptoKeyPair> {
  return crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
}

function alternativeName(value: string): x509.JsonGeneralName {
  const isIp = value.includes(":") || /^[\d.]+$/.test(value);
  return { type: isIp ? "ip" : "dns", value };
}

async function pemOfKey(key: CryptoKey): Promise<string> {
  const der = await crypto.subtle.exportKey("pkcs8", key);
  return x509.PemConverter.encode(der, "PRIVATE KEY");
}

/** Makes a certificate that nobody but itself has signed. */
export async function createSelfSigned(
  names: readonly string[],
  { isCa = false }: { readonly isCa?: boolean } = {},
): Promise<CertifiedKey> {
  const keys = await generateKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: "01",
    name: "CN=Sallyport self-signed",
    notBefore: new Date(Date.now() - DAY),
    notAfter: new Date(Date.now() + DAY),
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(isCa, undefined, true),
      new x509.SubjectAlternativeNameExtension(names.map(alternativeName)),
    ],
  });
  return {
    cert: certificate.toString("pem"),
    key: await pemOfKey(keys.privateKey),
  };
}

/** Makes an authority. */
export async function createTestAuthority(
  {
    name = "Sallyport test authority",
    notAfter = new Date(Date.now() + DAY),
  }: Pick<Validity, "notAfter"> & { readonly name?: string } = {},
): Promise<TestAuthority> {
  const authorityKeys = await generateKeys();
  const issuer = `CN=${name}`;
  const authority = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: "01",
    name: issuer,
    notBefore: new Date(Date.now() - DAY),
    notAfter,
    signingAlgorithm: ALGORITHM,
    keys: authorityKeys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(
        x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign,
        true,
      ),
    ],
  });
  let serial = 1;

  async function issue(
    names: readonly string[],
    {
      notBefore = new Date(Date.now() - DAY),
      notAfter = new Date(Date.now() + DAY),
    }: Validity = {},
  ): Promise<CertifiedKey> {
    const keys = await generateKeys();
    const certificate = await x509.X509CertificateGenerator.create({
      serialNumber: (++serial).toString(16).padStart(4, "0"),
      subject: "CN=Sallyport test origin",
      issuer,
      notBefore,
      notAfter,
      publicKey: keys.publicKey,
      signingKey: authorityKeys.privateKey,
      signingAlgorithm: ALGORITHM,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.ExtendedKeyUsageExtension([
          x509.ExtendedKeyUsage.serverAuth,
        ]),
        new x509.SubjectAlternativeNameExtension(
          names.map(alternativeName),
        ),
      ],
    });
    return {
      cert: certificate.toString("pem"),
      key: await pemOfKey(keys.privateKey),
    };
  }

  return { ca: authority.toString("pem"), issue };
}
