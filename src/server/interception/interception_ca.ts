/**
 * The authority that signs for the hosts whose TLS is opened: one that the
 * operator has given, or the server's own.
 *
 * @module
 */
// Loads what the X.509 package needs, so it stands before it.
import { CertificateAuthority } from "../tls/certificate_authority.ts";
import { PemConverter, X509Certificate } from "@peculiar/x509";
import { CertificateError, ensureAuthority } from "../tls/certificates.ts";

/** Who signs, and what browsers must trust. */
export interface InterceptionCa {
  readonly authority: CertificateAuthority;
  /**
   * What a server sends behind the certificates that the authority signs, in
   * PEM: all the way up, the root too. Nobody needs that to trust it; but
   * Chromium's `--ignore-certificate-errors-spki-list` looks at what is sent.
   */
  readonly chain: string;
  /** The certificate that browsers must trust, in PEM. */
  readonly caPem: string;
}

/** A CA in PEM: its certificate first, then those that signed it; and its key. */
export interface CaKeyPair {
  readonly cert: string;
  readonly key: string;
}

/**
 * Loads `given`, or the CA in the data directory, which is made when missing.
 *
 * @throws {CertificateError} When it cannot be used.
 */
export async function loadInterceptionCa(
  given: CaKeyPair | undefined,
  dataDir: string,
): Promise<InterceptionCa> {
  if (given !== undefined) return await load(given);
  const { authority, caPem } = await ensureAuthority(dataDir);
  return { authority, chain: caPem, caPem };
}

async function load({ cert, key }: CaKeyPair): Promise<InterceptionCa> {
  try {
    const certificates = PemConverter.decode(cert)
      .map((der) => new X509Certificate(der));
    const [first] = certificates;
    if (first === undefined) throw new TypeError("there is no certificate");
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
