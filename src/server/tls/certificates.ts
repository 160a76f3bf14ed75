// The certificates of a server that has no configured ones: a CA and a server
// certificate in the data directory, created if missing.
//
// The CA is created once and kept, because browsers are configured to trust it.
// The server certificate is replaced before it expires, and when the server's
// names change.
import { join } from "node:path";
// Must come before the X.509 package: it loads what the package needs.
import {
  CertificateAuthority,
  fingerprintOf,
  type KeyedCertificate,
} from "./certificate_authority.ts";
import { X509Certificate } from "@peculiar/x509";
import { systemReason } from "../../log/system_reason.ts";
import { isIpAddress } from "../../net/address/address.ts";
import {
  CertificateError,
  OWNER_ONLY_FILE,
  READABLE_FILE,
  readIfPresent,
  writeWhole,
} from "./whole_files.ts";

export { CertificateError } from "./whole_files.ts";

const OWNER_ONLY_FOLDER = 0o700;
/** Names of a server on its own machine. */
const LOCAL_HOSTS: readonly string[] = ["localhost", "127.0.0.1", "::1"];
const HOST_NAME = /^[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*$/;
const PRIVATE_KEY = /-----BEGIN PRIVATE KEY-----[^-]+-----END PRIVATE KEY-----/;

/** What identifies the CA in a data directory. */
interface CaIdentity {
  /** Path of the CA's certificate, for `--cacert-file` of clients. */
  readonly caFile: string;
  readonly caPem: string;
  /** SHA-256 of the CA's certificate as `AB:CD:…`. */
  readonly caFingerprint: string;
}

/** The certificate of a server, and the CA that its clients must trust. */
export interface ServerCertificates extends KeyedCertificate, CaIdentity {}

/** The CA in a data directory. */
export interface OwnAuthority extends CaIdentity {
  readonly authority: CertificateAuthority;
}

/** Which certificates to create. */
export interface CertificateOptions {
  /** Names and IP addresses of the server, besides its host name and the local ones. */
  readonly hosts?: readonly string[];
  /** The machine's name. */
  readonly hostname?: string;
  /** Milliseconds since 1970. */
  readonly now?: number;
}

/**
 * Reads the certificates in `dataDir`, and creates those that are missing or
 * expire soon. Several processes may do so at the same time.
 *
 * @throws {CertificateError} When a file is damaged, files do not match, or the CA has expired.
 */
export async function ensureCertificates(
  dataDir: string,
  {
    hosts = [],
    hostname = Deno.hostname(),
    now = Date.now(),
  }: CertificateOptions = {},
): Promise<ServerCertificates> {
  using _lock = await lockOf(dataDir);
  const { authority, ...ca } = await authorityIn(dataDir, { hostname, now });
  const names = namesOf([...hosts, hostname]);
  return {
    ...ca,
    ...await ensureLeaf(join(dataDir, "server.pem"), {
      authority,
      hosts: names,
      now,
    }),
  };
}

/**
 * Reads the CA in `dataDir`, or creates one.
 *
 * @throws {CertificateError} When a file is damaged, or the CA has expired.
 */
export async function ensureAuthority(
  dataDir: string,
  { hostname = Deno.hostname(), now = Date.now() }: Omit<
    CertificateOptions,
    "hosts"
  > = {},
): Promise<OwnAuthority> {
  using _lock = await lockOf(dataDir);
  return await authorityIn(dataDir, { hostname, now });
}

async function lockOf(dataDir: string): Promise<Disposable> {
  try {
    await Deno.mkdir(dataDir, { recursive: true, mode: OWNER_ONLY_FOLDER });
    using opened = new DisposableStack();
    const lock = opened.use(
      await Deno.open(join(dataDir, "certificates.lock"), {
        create: true,
        write: true,
        mode: OWNER_ONLY_FILE,
      }),
    );
    await lock.lock(true);
    return opened.move();
  } catch (cause) {
    const reason = systemReason(cause);
    throw new CertificateError(
      `Cannot keep certificates in "${dataDir}": ${reason}, choose another ` +
        "directory with --data-dir",
      { cause },
    );
  }
}

async function authorityIn(
  dataDir: string,
  { hostname, now }: { readonly hostname: string; readonly now: number },
): Promise<OwnAuthority> {
  const caFile = join(dataDir, "ca.pem");
  const caKeyFile = join(dataDir, "ca-key.pem");
  const caPem = await readOrMake(caFile, async () => {
    const made = await CertificateAuthority.create(hostname, now);
    // The key first: a certificate without its key would be useless.
    await writeWhole(caKeyFile, made.keyPem, OWNER_ONLY_FILE);
    await writeWhole(caFile, made.certPem, READABLE_FILE);
    return made.certPem;
  });
  const ca = parseCertificate(caPem, caFile);
  checkNotExpired(ca, { file: caFile, now });
  return {
    authority: await loadAuthority(ca, caKeyFile),
    caFile,
    caPem,
    caFingerprint: await fingerprintOf(ca),
  };
}

interface LeafOptions {
  readonly authority: CertificateAuthority;
  readonly hosts: readonly string[];
  readonly now: number;
}

/** Key and certificate share one file, so that they always belong together. */
async function ensureLeaf(
  file: string,
  { authority, hosts, now }: LeafOptions,
): Promise<KeyedCertificate> {
  const make = async () => {
    const { keyPem, certPem } = await authority.issue(hosts, now);
    await writeWhole(file, keyPem + certPem, OWNER_ONLY_FILE);
    return keyPem + certPem;
  };
  const text = await readOrMake(file, make);
  const certificate = parseCertificate(text.replace(PRIVATE_KEY, ""), file);
  if (await authority.vouchesFor(certificate, { hosts, now })) {
    return splitLeaf(text, file);
  }
  return splitLeaf(await make(), file);
}

function splitLeaf(text: string, file: string): KeyedCertificate {
  const keyPem = PRIVATE_KEY.exec(text)?.[0];
  if (keyPem === undefined) throw damaged(file, "it contains no private key");
  const certPem = `${text.replace(PRIVATE_KEY, "").trim()}\n`;
  return { certPem, keyPem: `${keyPem}\n` };
}

async function loadAuthority(
  ca: X509Certificate,
  keyFile: string,
): Promise<CertificateAuthority> {
  const keyPem = await readIfPresent(keyFile);
  if (keyPem === undefined) throw damaged(keyFile, "it is missing");
  try {
    return await CertificateAuthority.load(ca, keyPem);
  } catch (cause) {
    const why = cause instanceof TypeError
      ? cause.message
      : "it is not a private key in PEM";
    throw damaged(keyFile, why, cause);
  }
}

function parseCertificate(pem: string, file: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (cause) {
    throw damaged(file, "it is not a certificate in PEM", cause);
  }
}

function checkNotExpired(
  { notAfter }: X509Certificate,
  { file, now }: { readonly file: string; readonly now: number },
): void {
  if (notAfter.getTime() > now) return;
  const date = notAfter.toISOString().slice(0, 10);
  throw new CertificateError(
    `Cannot use "${file}": the CA expired on ${date}, move it away to have a new one created, which clients must then trust`,
  );
}

function damaged(file: string, why: string, cause?: unknown): CertificateError {
  return new CertificateError(
    `Cannot use "${file}": ${why}, restore it or move ca.pem, ca-key.pem and server.pem away to have new ones created`,
    { cause },
  );
}

/** Names that a certificate can contain, each once. */
function namesOf(hosts: readonly string[]): readonly string[] {
  const valid = hosts.filter((host) =>
    isIpAddress(host) || HOST_NAME.test(host)
  );
  return [...new Set([...LOCAL_HOSTS, ...valid])];
}

async function readOrMake(
  file: string,
  make: () => Promise<string>,
): Promise<string> {
  return await readIfPresent(file) ?? await make();
}
