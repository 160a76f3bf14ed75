// The certificates of a server: its own, and the CA that signs for intercepted
// hosts. Files that change replace them while it runs.
import { logger } from "../log/log.ts";
import {
  type CertificateFiles,
  CertificateWatch,
} from "../net/tls/certificate_watch.ts";
import { ReplaceableIdentity } from "../net/tls/tls_terminator.ts";
import type { SharedTables } from "./accounts/shared_tables.ts";
import { issuedCertificate } from "./acme_certificate.ts";
import {
  type CaKeyPair,
  loadInterceptionCa,
} from "./interception/interception_ca.ts";
import { LeafCertificates } from "./interception/leaf_certificates.ts";
import {
  TlsInterceptor,
  type TlsInterceptorOptions,
} from "./interception/tls_interceptor.ts";
import type { ServerOptions } from "./options.ts";
import { externalHostsOf } from "./ports/advertise.ts";
import {
  ensureCertificates,
  type ServerCertificates,
} from "./tls/certificates.ts";
import { checkKeyPair } from "./tls/check_key_pair.ts";

/** The certificate authority that the server has made for itself. */
export interface CaInfo {
  /** Path of the certificate. */
  readonly file: string;
  /** The certificate, in PEM. */
  readonly pem: string;
  /** SHA-256 of the certificate, as `AB:CD:…`. */
  readonly fingerprint: string;
}

/** The server's own certificate. */
export interface OwnCertificate {
  readonly identity: ReplaceableIdentity;
  /** What clients must trust now; `undefined` when the certificate in use was given, or issued by another CA. */
  ca(): CaInfo | undefined;
  readonly files: CertificateFiles;
}

/** What intercepts TLS. */
export interface Interception {
  readonly interceptor: TlsInterceptor;
  readonly files: CertificateFiles;
  /** The CA that browsers must trust now, in PEM. */
  caPem(): string;
}

/** Loads the server's own certificate; without a given one it is made. @throws {CertificateError} When it cannot be used. */
export async function loadOwnCertificate(
  options: ServerOptions,
): Promise<OwnCertificate> {
  const { tls, acme, plainHttp, rereadCertificates } = options;
  if (acme !== undefined && !plainHttp) {
    return await issuedOr(await ownOf(options), options);
  }
  if (tls === undefined) return await ownOf(options);
  checkKeyPair(tls);
  const identity = new ReplaceableIdentity(tls);
  const read = async () => (await rereadCertificates?.())?.tls ?? tls;
  const ca = () => undefined;
  return { identity, ca, files: filesOf(identity, tls, read) };
}

/** What an ACME server has issued, or `own` as long as there is nothing. */
async function issuedOr(
  own: OwnCertificate,
  { acme, dataDir }: ServerOptions,
): Promise<OwnCertificate> {
  if (acme === undefined) return own;
  const { identity } = own;
  let issued = await issuedCertificate(acme, dataDir);
  if (issued !== undefined) identity.replace(issued);
  const { cert, key = "" } = own.files.inUse;
  const files = filesOf(identity, issued ?? { cert, key }, async () => {
    const found = await issuedCertificate(acme, dataDir);
    issued = found;
    if (found !== undefined) return found;
    const { cert, key = "" } = await own.files.read();
    return { cert, key };
  });
  return {
    identity,
    files: { ...files, isRenewed: true },
    ca: () => issued === undefined ? own.ca() : undefined,
  };
}

async function ownOf(
  { dataDir, address, tunnelAddress, plainHttp, ...options }: ServerOptions,
): Promise<OwnCertificate> {
  const hosts = [
    ...externalHostsOf(options),
    address?.hostname ?? "",
    tunnelAddress?.hostname ?? "",
  ].filter(isNameable);
  const made = await ensureCertificates(dataDir, { hosts });
  const tls = shownOf(made);
  const identity = new ReplaceableIdentity(tls);
  let known = made;
  // It renews what expires soon: a server may run for years.
  const read = async () => {
    known = await ensureCertificates(dataDir, { hosts });
    return shownOf(known);
  };
  return {
    identity,
    ca: () => {
      // Where a proxy ends TLS, clients see its certificate.
      if (plainHttp) return undefined;
      const { caFile: file, trustedPem: pem, caFingerprint: fingerprint } =
        known;
      return { file, pem, fingerprint };
    },
    files: filesOf(identity, tls, read),
  };
}

/** The CA goes with the certificate: clients can pin it. */
function shownOf({ certPem, caPem, keyPem }: ServerCertificates): CaKeyPair {
  return { cert: certPem + caPem, key: keyPem };
}

function filesOf(
  identity: ReplaceableIdentity,
  inUse: CaKeyPair,
  read: () => Promise<CaKeyPair>,
): CertificateFiles {
  return {
    name: "server",
    inUse,
    read,
    use({ cert, key = "" }) {
      checkKeyPair({ cert, key });
      identity.replace({ cert, key });
    },
  };
}

/** Starts what intercepts TLS, as one of `parts`. @throws {CertificateError} When its CA cannot be used. */
export async function startInterception(
  { interceptionCa: given, dataDir, rereadCertificates }: ServerOptions,
  { shares, headers }: Pick<TlsInterceptorOptions, "headers"> & {
    readonly shares: SharedTables;
  },
  parts: AsyncDisposableStack,
): Promise<Interception> {
  let ca = await loadInterceptionCa(given, dataDir);
  const leaves = new LeafCertificates({ ...ca, shares });
  const interceptor = parts.use(new TlsInterceptor({ leaves, headers }));
  const files: CertificateFiles = {
    name: "resign_ca",
    inUse: given ?? { cert: ca.caPem },
    async read() {
      if (given !== undefined) {
        return (await rereadCertificates?.())?.interceptionCa ?? given;
      }
      return { cert: (await loadInterceptionCa(undefined, dataDir)).caPem };
    },
    async use({ cert, key }) {
      const pair = key === undefined ? undefined : { cert, key };
      ca = await loadInterceptionCa(pair, dataDir);
      leaves.replace(ca);
    },
  };
  return { interceptor, files, caPem: () => ca.caPem };
}

/** Watches the files, as one of `parts`. */
export function watchCertificates(
  { certificateInterval: interval }: ServerOptions,
  files: readonly CertificateFiles[],
  parts: AsyncDisposableStack,
): CertificateWatch {
  const log = logger("server");
  return parts.use(new CertificateWatch(files, { log, interval }));
}

/** Whether a certificate can contain the host. */
function isNameable(host: string): boolean {
  return host !== "" && host !== "0.0.0.0" && host !== "::";
}
