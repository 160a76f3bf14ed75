// The rotation of the server's authorities, for the command line. A running
// server reads the files again within half a minute.
// Must come before the X.509 package: it loads what the package needs.
import { fingerprintOf } from "./certificate_authority.ts";
import { X509Certificate } from "@peculiar/x509";
import { limitsOf } from "./name_constraints.ts";
import {
  authorityFiles,
  type AuthorityKind,
  beginRotation,
  cancelRotation,
  lockOf,
  switchNow,
} from "./own_authorities.ts";

/** Names of a server on its own machine, which its CA must sign for. */
const LOCAL: readonly string[] = ["localhost", "127.0.0.1/32", "::1/128"];

/** What is done with a CA. */
export type RotationStep = "rotate" | "switch" | "cancel";

/** Options of {@linkcode changeAuthority}. */
export interface ChangeOptions {
  readonly kind: AuthorityKind;
  /** How long both are trusted before the new one signs, in milliseconds. */
  readonly overlap: number;
  /** Domains and ranges of addresses that the new one may sign for. Default: all. */
  readonly permitted: readonly string[];
  readonly hostname?: string;
  readonly now?: number;
}

/** A CA as a person sees it. */
export interface AuthorityView {
  readonly kind: AuthorityKind;
  /** Whether it signs for the other purpose too. */
  readonly isShared: boolean;
  readonly isSigning: boolean;
  /** When it begins to sign, if it does not yet. */
  readonly signsFrom: Date | undefined;
  readonly subject: string;
  readonly fingerprint: string;
  readonly notAfter: Date;
  readonly limits: readonly string[] | undefined;
}

/** Changes a CA in a data directory, also of a server that runs. @throws {CertificateError} */
export async function changeAuthority(
  dataDir: string,
  step: RotationStep,
  {
    kind,
    overlap,
    permitted,
    hostname = Deno.hostname(),
    now = Date.now(),
  }: ChangeOptions,
): Promise<void> {
  using _lock = await lockOf(dataDir);
  if (step === "switch") return await switchNow(dataDir, kind, now);
  if (step === "cancel") return await cancelRotation(dataDir, kind);
  const own = kind === "server" ? [...LOCAL, hostname.toLowerCase()] : [];
  await beginRotation(dataDir, kind, {
    ...{ hostname, now },
    signsFrom: now + overlap,
    permitted: permitted.length === 0
      ? undefined
      : [...new Set([...permitted, ...own])],
  });
}

/** All authorities in a data directory. @throws {CertificateError} When a file is damaged. */
export async function describeAuthorities(
  dataDir: string,
): Promise<readonly AuthorityView[]> {
  using _lock = await lockOf(dataDir);
  const views: AuthorityView[] = [];
  for (const kind of ["server", "browser"] as const) {
    const { isShared, trusted, signsFrom } = await authorityFiles(
      dataDir,
      kind,
    );
    for (const [at, pem] of trusted.entries()) {
      const certificate = new X509Certificate(pem);
      views.push({
        ...{ kind, isShared },
        isSigning: at === 0,
        signsFrom: at === 0 || signsFrom === undefined
          ? undefined
          : new Date(signsFrom),
        subject: certificate.subject,
        fingerprint: await fingerprintOf(certificate),
        notAfter: certificate.notAfter,
        limits: limitsOf(certificate),
      });
    }
  }
  return views;
}
