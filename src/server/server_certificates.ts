// The certificates of a server: its own, and the CA that signs for intercepted
// hosts. Files that change replace them while it runs.
import { logger } from "../log/log.ts";
import {
  type CertificateFiles,
  CertificateWatch,
} from "../net/tls/certificate_watch.ts";
import { ReplaceableIdentity } from "../net/tls/tls_terminator.ts";
import type { SharedTables } from "./accounts/shared_tables.ts";
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
import { ensureCertificates } from "./tls/certificates.ts";
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
  /** `undefined` when the certificate was given. */
  readonly ca: CaInfo | undefined;
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
  const { tls, rereadCertificates } = options;
  if (tls === undefined) return await ownOf(options);
  checkKeyPair(tls);
  const identity = new ReplaceableIdentity(tls);
  const read = async () => (await rereadCertificates?.())?.tls ?? tls;
  return { identity, ca: undefined, files: filesOf(identity, tls, read) };
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
  const tls = { cert: made.certPem, key: made.keyPem };
  const identity = new ReplaceableIdentity(tls);
  const { caFile: file, caPem: pem, caFingerprint: fingerprint } = made;
  // It renews what expires soon: a server may run for years.
  const read = async () => {
    const { certPem, keyPem } = await ensureCertificates(dataDir, { hosts });
    return { cert: certPem, key: keyPem };
  };
  return {
    identity,
    // Where a proxy ends TLS, clients see its certificate.
    ca: plainHttp === true ? undefined : { file, pem, fingerprint },
    files: filesOf(identity, tls, read),
  };
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
    inUse: given ?? { cert: ca.chain },
    async read() {
      if (given !== undefined) {
        return (await rereadCertificates?.())?.interceptionCa ?? given;
      }
      return { cert: (await loadInterceptionCa(undefined, dataDir)).chain };
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
