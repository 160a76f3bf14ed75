// The authorities that a server has made for itself: one for its own
// certificate, which clients trust, and one for intercepted hosts, which
// browsers trust. Each is created once, kept, and replaced by rotation: for a
// while two are trusted and the old one signs, then the new one alone.
import { join } from "node:path";
// Must come before the X.509 package: it loads what the package needs.
import {
  CertificateAuthority,
  fingerprintOf,
  type KeyedCertificate,
} from "./certificate_authority.ts";
import { X509Certificate } from "@peculiar/x509";
import { systemReason } from "../../log/system_reason.ts";
import {
  CertificateError,
  OWNER_ONLY_FILE,
  READABLE_FILE,
  readIfPresent,
  removeIfPresent,
  writeWhole,
} from "./whole_files.ts";

/** `server`: for the server's own certificate. `browser`: for intercepted hosts. */
export type AuthorityKind = "server" | "browser";

/** What identifies a CA in a data directory. */
export interface CaIdentity {
  /** Path of what is trusted, for `--cacert-file` of clients. */
  readonly caFile: string;
  /** The certificate of the CA that signs. */
  readonly caPem: string;
  /** All that is trusted: that one first, and during a rotation the next one. */
  readonly trustedPem: string;
  /** SHA-256 of the CA's certificate as `AB:CD:…`. */
  readonly caFingerprint: string;
}

/** A CA in a data directory. */
export interface OwnAuthority extends CaIdentity {
  readonly authority: CertificateAuthority;
}

/** The CA that comes next. */
interface NextAuthority extends KeyedCertificate {
  /** When it begins to sign, in milliseconds since 1970. */
  readonly signsFrom: number;
}

/** A rotation that is to begin. Times are in milliseconds since 1970. */
export interface RotationOptions {
  readonly hostname: string;
  readonly now: number;
  readonly signsFrom: number;
  /** Domains and ranges of addresses; by default all. */
  readonly permitted?: readonly string[] | undefined;
}

const CERTIFICATE =
  /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;
const PREFIXES = { server: "ca", browser: "browser-ca" } as const;

function pathsOf(dataDir: string, kind: AuthorityKind) {
  const path = (end: string) => join(dataDir, PREFIXES[kind] + end);
  return {
    kind,
    cert: path(".pem"),
    key: path("-key.pem"),
    next: path("-next.json"),
  };
}

/**
 * The CA of a kind, which is created when it is missing. One that should sign by
 * now does from here on. Call it with the lock on the directory.
 *
 * @throws {CertificateError} When a file is damaged, or the CA has expired.
 */
export async function authorityIn(
  dataDir: string,
  kind: AuthorityKind,
  { hostname, now }: Pick<RotationOptions, "hostname" | "now">,
): Promise<OwnAuthority> {
  const used = await kindIn(dataDir, kind);
  const paths = pathsOf(dataDir, used);
  await promoteIfDue(paths, now);
  let text = await readIfPresent(paths.cert);
  if (text === undefined) {
    // Directories that have only `ca.pem` are from before there were two.
    if (used === "server") {
      await authorityIn(dataDir, "browser", { hostname, now });
    }
    text = await create(paths, hostname, now);
  }
  const caPem = `${text.match(CERTIFICATE)?.[0] ?? text}\n`;
  const ca = parseCertificate(caPem, paths.cert);
  checkNotExpired(ca, { file: paths.cert, now });
  return {
    authority: await loadAuthority(ca, paths.key),
    caFile: paths.cert,
    caPem,
    trustedPem: text,
    caFingerprint: await fingerprintOf(ca),
  };
}

/** In directories of earlier versions one CA does both, until the first rotation. */
async function kindIn(
  dataDir: string,
  kind: AuthorityKind,
): Promise<AuthorityKind> {
  if (kind === "server") return kind;
  const isApart = await readIfPresent(pathsOf(dataDir, "browser").cert);
  const shared = await readIfPresent(pathsOf(dataDir, "server").cert);
  return isApart === undefined && shared !== undefined ? "server" : kind;
}

/**
 * Makes the CA that comes next. Both are trusted from now on.
 *
 * @throws {CertificateError} When another rotation has not ended, or files are damaged.
 */
export async function beginRotation(
  dataDir: string,
  kind: AuthorityKind,
  options: RotationOptions,
): Promise<void> {
  const { hostname, now, signsFrom, permitted } = options;
  await separate(dataDir);
  const paths = pathsOf(dataDir, kind);
  const text = await readIfPresent(paths.cert);
  if (text === undefined) {
    if (kind === "server") {
      await authorityIn(dataDir, "browser", { hostname, now });
    }
    return void await create(paths, hostname, now, permitted);
  }
  const current = await authorityIn(dataDir, kind, { hostname, now });
  if (await readNext(paths.next) !== undefined) {
    throw new CertificateError(
      `Cannot rotate the CA for the ${kind}: a rotation is under way, end it ` +
        `with "sallyport ca switch ${kind}" or "sallyport ca cancel ${kind}"`,
    );
  }
  const made = await CertificateAuthority.create(
    nameOf(kind, hostname),
    now,
    { permitted },
  );
  const next: NextAuthority = { ...made, signsFrom };
  await writeNext(paths.next, next);
  await writeWhole(paths.cert, current.caPem + made.certPem, READABLE_FILE);
  await promoteIfDue(paths, now);
}

/** Lets the next CA sign from now on; the old one ends. @throws {CertificateError} When there is none. */
export async function switchNow(
  dataDir: string,
  kind: AuthorityKind,
  now: number,
): Promise<void> {
  const paths = pathsOf(dataDir, kind);
  const next = await nextOf(paths.next, kind);
  await writeNext(paths.next, { ...next, signsFrom: now });
  await promoteIfDue(paths, now);
}

/** Forgets the next CA. @throws {CertificateError} When there is none. */
export async function cancelRotation(
  dataDir: string,
  kind: AuthorityKind,
): Promise<void> {
  const paths = pathsOf(dataDir, kind);
  await nextOf(paths.next, kind);
  const text = await readIfPresent(paths.cert) ?? "";
  await writeWhole(
    paths.cert,
    `${text.match(CERTIFICATE)?.[0] ?? text}\n`,
    READABLE_FILE,
  );
  await removeIfPresent(paths.next);
}

/** What there is of a kind, and what comes next. Nothing is made. */
export async function authorityFiles(
  dataDir: string,
  kind: AuthorityKind,
): Promise<{
  /** Whether one CA does both: a directory of an earlier version. */
  readonly isShared: boolean;
  /** The certificates that are trusted, in PEM; the one that signs is first. */
  readonly trusted: readonly string[];
  /** When the next one begins to sign. */
  readonly signsFrom: number | undefined;
}> {
  const used = await kindIn(dataDir, kind);
  const { cert, next } = pathsOf(dataDir, used);
  const text = await readIfPresent(cert) ?? "";
  const signsFrom = (await readNext(next))?.signsFrom;
  const trusted = text.match(CERTIFICATE) ?? [];
  return { isShared: used !== kind, trusted, signsFrom };
}

/** Browsers keep the CA that they trust; the server gets one of its own later. */
async function separate(dataDir: string): Promise<void> {
  if (await kindIn(dataDir, "browser") === "browser") return;
  const [from, to] = [pathsOf(dataDir, "server"), pathsOf(dataDir, "browser")];
  const key = await readIfPresent(from.key) ?? "";
  const cert = await readIfPresent(from.cert) ?? "";
  await writeWhole(to.key, key, OWNER_ONLY_FILE);
  await writeWhole(to.cert, cert, READABLE_FILE);
}

/** Two authorities of one machine have different names. */
function nameOf(kind: AuthorityKind, hostname: string): string {
  return kind === "browser" ? `for browsers ${hostname}` : hostname;
}

type Paths = ReturnType<typeof pathsOf>;

async function create(
  paths: Paths,
  hostname: string,
  now: number,
  permitted?: readonly string[],
): Promise<string> {
  const made = await CertificateAuthority.create(
    nameOf(paths.kind, hostname),
    now,
    { permitted },
  );
  // The key first: a certificate without its key would be useless.
  await writeWhole(paths.key, made.keyPem, OWNER_ONLY_FILE);
  await writeWhole(paths.cert, made.certPem, READABLE_FILE);
  return made.certPem;
}

/** A process that is killed in between does the same again at the next start. */
async function promoteIfDue(paths: Paths, now: number): Promise<void> {
  const next = await readNext(paths.next);
  if (next === undefined || next.signsFrom > now) return;
  await writeWhole(paths.key, next.keyPem, OWNER_ONLY_FILE);
  await writeWhole(paths.cert, next.certPem, READABLE_FILE);
  await removeIfPresent(paths.next);
}

async function nextOf(
  file: string,
  kind: AuthorityKind,
): Promise<NextAuthority> {
  const next = await readNext(file);
  if (next !== undefined) return next;
  throw new CertificateError(
    `Cannot change the rotation of the CA for the ${kind}: none is under ` +
      `way, begin one with "sallyport ca rotate ${kind}"`,
  );
}

async function writeNext(file: string, next: NextAuthority): Promise<void> {
  await writeWhole(file, `${JSON.stringify(next)}\n`, OWNER_ONLY_FILE);
}

async function readNext(file: string): Promise<NextAuthority | undefined> {
  const text = await readIfPresent(file);
  if (text === undefined) return undefined;
  try {
    const { certPem, keyPem, signsFrom } = JSON.parse(text);
    const isWhole = typeof certPem === "string" &&
      typeof keyPem === "string" && typeof signsFrom === "number";
    if (isWhole) return { certPem, keyPem, signsFrom };
  } catch {
    // Not JSON: damaged, as below.
  }
  throw new CertificateError(
    `Cannot use "${file}": it is damaged, restore it, or remove it to cancel ` +
      "the rotation",
  );
}

async function loadAuthority(
  ca: X509Certificate,
  keyFile: string,
): Promise<CertificateAuthority> {
  const keyPem = await readIfPresent(keyFile);
  if (keyPem === undefined) throw damagedFile(keyFile, "it is missing");
  try {
    return await CertificateAuthority.load(ca, keyPem);
  } catch (cause) {
    const why = cause instanceof TypeError
      ? cause.message
      : "it is not a private key in PEM";
    throw damagedFile(keyFile, why, cause);
  }
}

/** @throws {CertificateError} When it is something else. */
export function parseCertificate(pem: string, file: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (cause) {
    throw damagedFile(file, "it is not a certificate in PEM", cause);
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

/** The error for a file that cannot be used. */
export function damagedFile(
  file: string,
  why: string,
  cause?: unknown,
): CertificateError {
  const others = /browser-ca/.test(file)
    ? "browser-ca.pem and browser-ca-key.pem"
    : "ca.pem, ca-key.pem and server.pem";
  return new CertificateError(
    `Cannot use "${file}": ${why}, restore it or move ${others} away to have new ones created`,
    { cause },
  );
}

/** @throws {CertificateError} When the directory cannot be written. */
export async function lockOf(dataDir: string): Promise<Disposable> {
  try {
    await Deno.mkdir(dataDir, { recursive: true, mode: 0o700 });
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
