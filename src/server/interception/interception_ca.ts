// The CA that signs certificates for intercepted hosts: one from the operator, or
// the server's own.
// Must come before the X.509 package: it loads what the package needs.
import { CertificateAuthority } from "../tls/certificate_authority.ts";
import { PemConverter, X509Certificate } from "@peculiar/x509";
import { CertificateError, ensureAuthority } from "../tls/certificates.ts";

/** The CA that signs certificates for intercepted hosts. */
export interface InterceptionCa {
  readonly authority: CertificateAuthority;
  /**
   * The chain that a server sends after a certificate, in PEM, up to and with
   * the root. The root is not needed for trust, but Chromium's
   * `--ignore-certificate-errors-spki-list` only looks at what is sent.
   */
  readonly chain: string;
  /** What browsers must trust, in PEM: during a rotation two certificates. */
  readonly caPem: string;
}

/** A CA in PEM: its certificate, followed by those that signed it, and its key. */
export interface CaKeyPair {
  readonly cert: string;
  readonly key: string;
}

/**
 * Loads `given`, or else the CA in the data directory, which is created if missing.
 *
 * @throws {CertificateError} When it cannot be used.
 */
export async function loadInterceptionCa(
  given: CaKeyPair | undefined,
  dataDir: string,
): Promise<InterceptionCa> {
  if (given !== undefined) return await load(given);
  const { authority, caPem, trustedPem } = await ensureAuthority(
    dataDir,
    "browser",
  );
  return { authority, chain: caPem, caPem: trustedPem };
}

async function load({ cert, key }: CaKeyPair): Promise<InterceptionCa> {
  try {
    const certificates = PemConverter.decode(cert)
      .map((der) => new X509Certificate(der));
    const [first] = certificates;
    if (first === undefined) {
      throw new TypeError("the file contains no certificate");
    }
    if (first.notAfter.getTime() <= Date.now()) {
      throw new TypeError(`it expired on ${first.notAfter.toISOString()}`);
    }
    return {
      authority: await CertificateAuthority.load(first, key),
      chain: pemOf(certificates),
      caPem: pemOf(certificates.slice(-1)),
    };
  } catch (cause) {
    const why = cause instanceof TypeError
      ? cause.message
      : "certificate or key cannot be read";
    throw new CertificateError(
      `Cannot sign with the CA for test browsers: ${why}, ` +
        "give its certificate and its key (PKCS #8, not encrypted) in PEM",
      { cause },
    );
  }
}

function pemOf(certificates: readonly X509Certificate[]): string {
  return certificates.map((each) => `${each.toString("pem")}\n`).join("");
}
