// The certificates of a server that has no configured ones: a CA and a server
// certificate in the data directory, created if missing.
//
// The CA is created once and kept, because browsers are configured to trust it.
// The server certificate is replaced before it expires, and when the server's
// names change.
import { join } from "node:path";
import type {
  CertificateAuthority,
  KeyedCertificate,
} from "./certificate_authority.ts";
import { isIpAddress } from "../../net/address/address.ts";
import {
  authorityIn,
  type AuthorityKind,
  type CaIdentity,
  damagedFile,
  lockOf,
  type OwnAuthority,
  parseCertificate,
} from "./own_authorities.ts";
import {
  CertificateError,
  OWNER_ONLY_FILE,
  readIfPresent,
  writeWhole,
} from "./whole_files.ts";

export { CertificateError } from "./whole_files.ts";

/** Names of a server on its own machine. */
const LOCAL_HOSTS: readonly string[] = ["localhost", "127.0.0.1", "::1"];
const HOST_NAME = /^[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*$/;
const PRIVATE_KEY = /-----BEGIN PRIVATE KEY-----[^-]+-----END PRIVATE KEY-----/;

/** The certificate of a server, and the CA that its clients must trust. */
export interface ServerCertificates extends KeyedCertificate, CaIdentity {}

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
  const { authority, ...ca } = await authorityIn(dataDir, "server", {
    ...{ hostname, now },
  });
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
 * Reads a CA in `dataDir`, or creates it.
 *
 * @throws {CertificateError} When a file is damaged, or the CA has expired.
 */
export async function ensureAuthority(
  dataDir: string,
  kind: AuthorityKind,
  { hostname = Deno.hostname(), now = Date.now() }: Omit<
    CertificateOptions,
    "hosts"
  > = {},
): Promise<OwnAuthority> {
  using _lock = await lockOf(dataDir);
  return await authorityIn(dataDir, kind, { hostname, now });
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
    const { keyPem, certPem } = await issue(authority, hosts, now);
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

async function issue(
  authority: CertificateAuthority,
  hosts: readonly string[],
  now: number,
): Promise<KeyedCertificate> {
  try {
    return await authority.issue(hosts, now);
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause;
    throw new CertificateError(
      `Cannot make the certificate of the server: ${cause.message}, change ` +
        '--external-host, or permit it with "sallyport ca rotate server"',
      { cause },
    );
  }
}

function splitLeaf(text: string, file: string): KeyedCertificate {
  const keyPem = PRIVATE_KEY.exec(text)?.[0];
  if (keyPem === undefined) {
    throw damagedFile(file, "it contains no private key");
  }
  const certPem = `${text.replace(PRIVATE_KEY, "").trim()}\n`;
  return { certPem, keyPem: `${keyPem}\n` };
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
