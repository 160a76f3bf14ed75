// A certificate authority: creates itself, and issues certificates for servers.
// Its own keys are ECDSA P-256; an authority that was loaded may have others.
// Nothing here touches files.

// Must come first: the X.509 package needs it when it is loaded.
import "reflect-metadata";
import * as x509 from "@peculiar/x509";
import { isPermitted, limitsOf, limitTo } from "./name_constraints.ts";
import { isIpAddress } from "../../net/address/address.ts";

const DAY = 24 * 60 * 60 * 1000;
const CA_LIFETIME: number = 3650 * DAY;
/** Some systems do not trust longer ones, even from their own CA. */
const LEAF_LIFETIME: number = 825 * DAY;
/** How long before it expires a certificate is replaced. */
const RENEWAL: number = 30 * DAY;
/** How far validity starts in the past, for clients whose clocks are behind. */
const BACKDATED: number = DAY;
/** RFC 5280 appendix A.1, `ub-common-name`. */
const MAX_COMMON_NAME = 64;
const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const ALGORITHM_384 = { name: "ECDSA", namedCurve: "P-384", hash: "SHA-384" };
const RSA = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };

/** A certificate and its private key (PKCS #8), both PEM. */
export interface KeyedCertificate {
  readonly certPem: string;
  readonly keyPem: string;
}

/** How an authority signs. */
type SigningAlgorithm = typeof ALGORITHM | typeof ALGORITHM_384 | typeof RSA;

/** A certificate authority: its certificate and the key it signs with. */
export class CertificateAuthority {
  readonly #certificate: x509.X509Certificate;
  readonly #key: CryptoKey;
  readonly #algorithm: SigningAlgorithm;

  private constructor(
    certificate: x509.X509Certificate,
    key: CryptoKey,
    algorithm: SigningAlgorithm,
  ) {
    this.#certificate = certificate;
    this.#key = key;
    this.#algorithm = algorithm;
  }

  /**
   * Creates an authority that is valid for ten years.
   *
   * @param hostname Part of its name, to tell several authorities apart.
   * @param now Milliseconds since 1970.
   * @param options `permitted` limits it to domains and ranges of addresses.
   */
  static async create(
    hostname: string,
    now: number,
    { permitted }: { readonly permitted?: readonly string[] | undefined } = {},
  ): Promise<KeyedCertificate> {
    const keys = await makeKeys();
    const certificate = await x509.X509CertificateGenerator.createSelfSigned({
      serialNumber: makeSerial(),
      name: nameOf(`Sallyport CA ${hostname}`),
      notBefore: new Date(now - BACKDATED),
      notAfter: new Date(now + CA_LIFETIME),
      signingAlgorithm: ALGORITHM,
      keys,
      extensions: [
        new x509.BasicConstraintsExtension(true, 0, true),
        new x509.KeyUsagesExtension(
          x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign,
          true,
        ),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
        ...permitted === undefined ? [] : [limitTo(permitted)],
      ],
    });
    return {
      certPem: pemOf(certificate),
      keyPem: await keyPemOf(keys.privateKey),
    };
  }

  /**
   * Loads an authority.
   *
   * @throws {TypeError} When the certificate is not a CA's, or the key cannot be
   * used or belongs to another certificate; the message says which.
   */
  static async load(
    certificate: x509.X509Certificate,
    keyPem: string,
  ): Promise<CertificateAuthority> {
    const constraints = certificate.getExtension(
      x509.BasicConstraintsExtension,
    );
    if (constraints?.ca !== true) {
      throw new TypeError("it is not the certificate of a CA");
    }
    const algorithm = algorithmOf(certificate);
    const key = await importKey(keyPem, algorithm);
    const probe = crypto.getRandomValues(new Uint8Array(32));
    const signature = await crypto.subtle.sign(algorithm, key, probe);
    const publicKey = await certificate.publicKey.export(algorithm, ["verify"]);
    if (!await crypto.subtle.verify(algorithm, publicKey, signature, probe)) {
      throw new TypeError("it belongs to another certificate");
    }
    return new CertificateAuthority(certificate, key, algorithm);
  }

  /**
   * Issues a certificate for a server with these names and IP addresses.
   *
   * @param options `lifetime` in milliseconds. Default 825 days.
   * @throws {TypeError} When the authority may not sign for one of them.
   */
  async issue(
    hosts: readonly string[],
    now: number,
    { lifetime = LEAF_LIFETIME }: { readonly lifetime?: number } = {},
  ): Promise<KeyedCertificate> {
    this.#checkPermitted(hosts);
    const keys = await makeKeys();
    const authority = this.#certificate;
    const certificate = await x509.X509CertificateGenerator.create({
      serialNumber: makeSerial(),
      subject: nameOf(hosts[0] ?? "sallyport"),
      issuer: authority.subjectName.toJSON(),
      notBefore: new Date(now - BACKDATED),
      notAfter: new Date(
        Math.min(
          now - BACKDATED + lifetime,
          authority.notAfter.getTime(),
        ),
      ),
      signingAlgorithm: this.#algorithm,
      publicKey: keys.publicKey,
      signingKey: this.#key,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
        alternativeNames(hosts),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
        await x509.AuthorityKeyIdentifierExtension.create(authority.publicKey),
      ],
    });
    return {
      certPem: pemOf(certificate),
      keyPem: await keyPemOf(keys.privateKey),
    };
  }

  /** Browsers and clients would refuse such a certificate without saying why. */
  #checkPermitted(hosts: readonly string[]): void {
    const limits = limitsOf(this.#certificate);
    const other = limits && hosts.find((host) => !isPermitted(host, limits));
    if (limits === undefined || other === undefined) return;
    throw new TypeError(
      `the CA may not sign for "${other}", only for ${limits.join(", ")}`,
    );
  }

  /** Whether this authority issued `certificate`, for exactly these hosts, and it stays valid for a while. */
  async vouchesFor(
    certificate: x509.X509Certificate,
    { hosts, now }: { readonly hosts: readonly string[]; readonly now: number },
  ): Promise<boolean> {
    if (certificate.notAfter.getTime() - RENEWAL <= now) return false;
    const names = certificate.getExtension(
      x509.SubjectAlternativeNameExtension,
    );
    const wanted = new Uint8Array(alternativeNames(hosts).rawData);
    if (!names || new Uint8Array(names.rawData).toHex() !== wanted.toHex()) {
      return false;
    }
    const { publicKey } = this.#certificate;
    return await certificate.verify({ publicKey, signatureOnly: true });
  }
}

/** SHA-256 of a certificate, as browsers and `openssl x509 -fingerprint` show it: `AB:CD:…`. */
export async function fingerprintOf(
  certificate: x509.X509Certificate,
): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", certificate.rawData);
  const hex = new Uint8Array(digest).toHex().toUpperCase();
  return hex.replace(/(..)(?!$)/g, "$1:");
}

function makeKeys(): Promise<CryptoKeyPair> {
  return crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
}

function importKey(
  pem: string,
  algorithm: SigningAlgorithm,
): Promise<CryptoKey> {
  const [pkcs8] = x509.PemConverter.decode(pem);
  if (!pkcs8) throw new TypeError("it contains no private key");
  return crypto.subtle.importKey("pkcs8", pkcs8, algorithm, true, ["sign"]);
}

function algorithmOf({ publicKey }: x509.X509Certificate): SigningAlgorithm {
  const { algorithm } = publicKey;
  if (algorithm.name === RSA.name) return RSA;
  const curve = "namedCurve" in algorithm ? algorithm.namedCurve : undefined;
  if (curve === ALGORITHM.namedCurve) return ALGORITHM;
  if (curve === ALGORITHM_384.namedCurve) return ALGORITHM_384;
  throw new TypeError("its key is neither ECDSA P-256 or P-384 nor RSA");
}

async function keyPemOf(key: CryptoKey): Promise<string> {
  const pkcs8 = await crypto.subtle.exportKey("pkcs8", key);
  return `${x509.PemConverter.encode(pkcs8, "PRIVATE KEY")}\n`;
}

function pemOf(certificate: x509.X509Certificate): string {
  return `${certificate.toString("pem")}\n`;
}

function nameOf(commonName: string): x509.JsonName {
  return [{ CN: [commonName.slice(0, MAX_COMMON_NAME)] }];
}

/** A random number that is positive and of full length in DER (RFC 5280 §4.1.2.2). */
function makeSerial(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes.toHex();
}

function alternativeNames(
  hosts: readonly string[],
): x509.SubjectAlternativeNameExtension {
  return new x509.SubjectAlternativeNameExtension(
    hosts.map((value): x509.JsonGeneralName =>
      isIpAddress(value) ? { type: "ip", value } : { type: "dns", value }
    ),
  );
}
