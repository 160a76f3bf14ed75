/** What is wrong with a certificate that was not trusted, by looking at it. */
import type { X509Certificate } from "node:crypto";

/** Why a certificate is not trusted. */
export type CertificateFault =
  /** `authority` names the signer whose certificate it is; `undefined` for the host's own. */
  | {
    readonly kind: "expired";
    readonly at: Date;
    readonly authority: string | undefined;
  }
  | {
    readonly kind: "notYetValid";
    readonly from: Date;
    readonly now: Date;
    readonly authority: string | undefined;
  }
  /** It is for other hosts: these. */
  | { readonly kind: "wrongName"; readonly names: readonly string[] }
  /** TLS takes one that is a CA's from nobody, not even if it is trusted. */
  | { readonly kind: "selfSigned"; readonly isCa: boolean }
  /**
   * Nothing that is trusted has signed it. `renewed` is the place of a trusted
   * CA with the same name and another key.
   */
  | {
    readonly kind: "unknownAuthority";
    readonly issuer: string;
    readonly renewed: number | undefined;
  }
  /** None of these: something in it that TLS does not accept. */
  | { readonly kind: "unusable" }
  /** The peer showed it only once, and TLS refused it then. */
  | { readonly kind: "unseen" };

/** What a certificate is judged by. */
export interface FaultOptions {
  /** The name that it must have. */
  readonly hostname: string;
  /**
   * What is trusted besides the built-in authorities: one list per PEM text, and
   * one of the system.
   */
  readonly trusted: readonly (readonly X509Certificate[])[];
  readonly now: Date;
}

/**
 * Finds the fault. It must have one: nothing here decides whether a peer is trusted.
 *
 * @param chain As the peer sent it, its own first; at least one.
 */
export function certificateFault(
  chain: readonly [X509Certificate, ...X509Certificate[]],
  { hostname, trusted, now }: FaultOptions,
): CertificateFault {
  const [own] = chain;
  for (const each of chain) {
    const authority = each === own ? undefined : commonName(each.subject);
    if (each.validToDate < now) {
      return { kind: "expired", at: each.validToDate, authority };
    }
    if (each.validFromDate > now) {
      const from = each.validFromDate;
      return { kind: "notYetValid", from, now, authority };
    }
  }
  if (!isForHost(own, hostname)) {
    return { kind: "wrongName", names: namesOf(own) };
  }
  if (hasSigned(own, own)) return { kind: "selfSigned", isCa: own.ca };
  const last = chain.at(-1) ?? own;
  const isKnown = trusted.flat()
    .some((ca) => chain.some((each) => hasSigned(ca, each)));
  if (isKnown) return { kind: "unusable" };
  return {
    kind: "unknownAuthority",
    issuer: commonName(last.issuer),
    renewed: placeOf(trusted, (ca) => ca.subject === last.issuer),
  };
}

/** The hosts that a certificate is for (RFC 9525 §3): names and addresses. */
function namesOf({ subjectAltName = "" }: X509Certificate): readonly string[] {
  return subjectAltName.split(", ")
    .map((entry) => /^(?:DNS|IP Address):(.+)$/.exec(entry)?.[1])
    .filter((name) => name !== undefined);
}

/** Whether a certificate names a host. */
export function isForHost(own: X509Certificate, hostname: string): boolean {
  return namesOf(own).some((name) => isFor(name, hostname));
}

/** RFC 9525 §6.3: `*` stands for one label, the first. */
function isFor(name: string, hostname: string): boolean {
  const [wanted, given] = [hostname, name].map((each) =>
    each.toLowerCase().replace(/\.$/, "")
  );
  if (wanted === given) return true;
  const dot = wanted?.indexOf(".") ?? -1;
  return dot > 0 && given === `*${wanted?.slice(dot)}`;
}

/** Whether the key of `ca` has signed the other one. */
export function hasSigned(
  ca: X509Certificate,
  signed: X509Certificate,
): boolean {
  if (ca.subject !== signed.issuer) return false;
  try {
    return signed.verify(ca.publicKey);
  } catch {
    // A kind of key that is not known here.
    return false;
  }
}

function placeOf(
  trusted: FaultOptions["trusted"],
  matches: (ca: X509Certificate) => boolean,
): number | undefined {
  const at = trusted.findIndex((list) => list.some(matches));
  return at < 0 ? undefined : at;
}

/** The common name of a subject or issuer, or all of it; a certificate may have none. */
function commonName(distinguishedName: string | undefined): string {
  if (distinguishedName === undefined) return "";
  return /^CN=(.+)$/m.exec(distinguishedName)?.[1] ??
    distinguishedName.replaceAll("\n", ", ");
}
