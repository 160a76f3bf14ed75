/**
 * Trust in one certificate or key, named by its fingerprint, in place of the
 * trust in authorities.
 */
import { createHash, type X509Certificate } from "node:crypto";
import { hasSigned, isForHost } from "./certificate_fault.ts";

/** Who is trusted. */
export interface CertificatePins {
  /** Each as {@linkcode parseFingerprint} gives it. */
  readonly fingerprints: readonly string[];
  /** Where they come from, for messages: `--server-fingerprint`. */
  readonly source: string;
}

/** The fingerprints of a certificate. */
export interface Fingerprints {
  /** SHA-256 of all of it. */
  readonly certificate: string;
  /** SHA-256 of its public key (SubjectPublicKeyInfo): it outlives renewals that keep the key. */
  readonly publicKey: string;
}

/** The certificates of a peer, its own first. */
export type Chain = readonly [X509Certificate, ...X509Certificate[]];

const PREFIX = "sha256:";
/** Signatures between a certificate and a pinned authority; real chains have one or two. */
const MAX_STEPS = 5;

/**
 * Reads a fingerprint: SHA-256 in hexadecimal, with or without colons, as
 * OpenSSL, browsers and this program's log show it. `sha256:` may stand before it.
 *
 * @returns `sha256:` and 64 lower case digits; `undefined` for any other text.
 */
export function parseFingerprint(text: string): string | undefined {
  const hex = text.trim().toLowerCase()
    .replace(/^sha-?256(?: fingerprint)?[:=]/, "")
    .replaceAll(":", "");
  return /^[0-9a-f]{64}$/.test(hex) ? PREFIX + hex : undefined;
}

/** The fingerprints of a certificate, as {@linkcode parseFingerprint} gives them. */
export function fingerprintsOf(certificate: X509Certificate): Fingerprints {
  const spki = certificate.publicKey.export({ type: "spki", format: "der" });
  return {
    certificate: digestOf(certificate.raw),
    publicKey: digestOf(spki),
  };
}

/** Whether a pin is the certificate's or that of its key. */
export function isPinned(
  certificate: X509Certificate,
  fingerprints: readonly string[],
): boolean {
  const { certificate: whole, publicKey } = fingerprintsOf(certificate);
  return fingerprints.includes(whole) || fingerprints.includes(publicKey);
}

/**
 * Whether the peer is who is pinned: its own certificate or key is, or that of
 * an authority that has signed it. Only then must names and dates be right.
 *
 * @returns What is wrong, without a subject; `undefined` when all is right.
 */
export function pinFault(
  chain: Chain,
  { fingerprints, source }: CertificatePins,
  { hostname, now }: { readonly hostname: string; readonly now: Date },
): string | undefined {
  const [own] = chain;
  if (isPinned(own, fingerprints)) return undefined;
  const path = pathToPin(chain, fingerprints);
  if (path === undefined) {
    const { certificate, publicKey } = fingerprintsOf(own);
    return `its fingerprint is ${certificate} (public key ${publicKey}), and ` +
      `${source} has ${fingerprints.join(", ")}: ask who runs the server, ` +
      "and give the new one if it is right";
  }
  const ended = path.find(({ validToDate }) => validToDate < now);
  if (ended !== undefined) {
    return `the authority is pinned, but a certificate expired at ${ended.validToDate.toISOString()}: renew it`;
  }
  if (path.some(({ validFromDate }) => validFromDate > now)) {
    return "the authority is pinned, but a certificate is not valid yet: set the clock";
  }
  if (isForHost(own, hostname)) return undefined;
  return `the authority is pinned, but the certificate is not for ` +
    `"${hostname}": use a name of the server, or set --external-host there`;
}

/** The certificates from the peer's own up to a pinned authority. */
export function pathToPin(
  [own, ...others]: Chain,
  fingerprints: readonly string[],
): readonly X509Certificate[] | undefined {
  const path = [own];
  let last: X509Certificate = own;
  while (path.length <= MAX_STEPS) {
    const current = last;
    const signer = others.find((each) =>
      each.ca && !path.includes(each) && hasSigned(each, current)
    );
    if (signer === undefined) return undefined;
    path.push(signer);
    if (isPinned(signer, fingerprints)) return path;
    last = signer;
  }
  return undefined;
}

/** The last authority of a chain that has signed what is before it; `undefined` when none is sent. */
export function lastAuthority(chain: Chain): X509Certificate | undefined {
  return chain.toReversed().find((each) =>
    pathToPin(chain, [fingerprintsOf(each).certificate]) !== undefined
  );
}

function digestOf(bytes: Uint8Array): string {
  return PREFIX + createHash("sha256").update(bytes).digest("hex");
}
