/** Says in one sentence what is wrong with a certificate, and what to do about it. */
import type { CertificateFault } from "./certificate_fault.ts";

/** Who shows the certificate: the remedies differ. `other` is something else. */
export type CertificateOwner = "site" | "server" | "proxy" | "other";

/** Names that are repeated; a certificate may have hundreds. */
const MAX_NAMES = 5;
/** Longest name that is repeated whole, in characters. The peer writes them. */
const MAX_NAME = 100;

/** Who renews it, and what helps until then. */
const RENEW: Readonly<Record<CertificateOwner, string>> = {
  site:
    "have it renewed, or skip the check for this host with --insecure-domains",
  server: "renew it (server options --tls-cert-file and --tls-key-file)",
  proxy: "have the operator of that proxy renew it",
  other: "have it renewed",
};

/** What helps where the certificate stays as it is. */
const ELSE: Readonly<Record<CertificateOwner, string>> = {
  site: ", or skip the check for this host with --insecure-domains",
  server: "",
  proxy: "",
  other: "",
};

/** Which name to use for whom. */
const NAMES: Readonly<Record<CertificateOwner, string>> = {
  site: "ask for one of these names, or issue it for this one",
  server:
    "give one of these names in --server, or issue it for this one (server options --external-host and --tls-cert-file)",
  proxy: "give one of these names for the proxy, or issue it for this one",
  other: "use one of these names, or issue it for this one",
};

/** Where the authority is found. */
const AUTHORITY: Readonly<Record<CertificateOwner, string>> = {
  site: "give its certificate with --cacert-file",
  server:
    "give its certificate with --cacert-file (a server's own is ca.pem in its data directory)",
  proxy: "give its certificate with --cacert-file",
  other: "give its certificate with --cacert-file",
};

/** What is said besides the fault. */
export interface CertificateWordsOptions {
  readonly owner: CertificateOwner;
  /** The name that was asked for. */
  readonly hostname: string;
  /** Where the trusted certificates come from, for messages; in the order of the options. */
  readonly caFiles: readonly string[];
  /** Whether the built-in authorities are trusted. Default `true`. */
  readonly hasBuiltIn?: boolean;
  /** The words of TLS, for a fault that has no name here. */
  readonly detail: string;
}

/** The sentence, without a subject: "it" is the certificate. */
export function certificateWords(
  fault: CertificateFault,
  { owner, hostname, caFiles, hasBuiltIn = true, detail }:
    CertificateWordsOptions,
): string {
  switch (fault.kind) {
    case "expired":
      return `${whose(fault.authority)} expired at ${timeOf(fault.at)}: ` +
        RENEW[owner];
    case "notYetValid":
      return `${whose(fault.authority)} is not valid before ` +
        `${timeOf(fault.from)}, and the clock of this machine says ` +
        `${timeOf(fault.now)}: set the clock, or issue it again`;
    case "wrongName":
      return `it is for ${listOf(fault.names)}, not for "${hostname}": ` +
        `${NAMES[owner]}${ELSE[owner]}`;
    case "selfSigned":
      return fault.isCa
        ? "it is self-signed and marked as a CA, which TLS accepts from no " +
          `host: issue one without that mark (CA:FALSE)${ELSE[owner]}`
        : `it is self-signed: give it with --cacert-file${ELSE[owner]}`;
    case "unknownAuthority":
      return unknownAuthority(fault, { owner, caFiles, hasBuiltIn });
    case "unseen":
      return `TLS does not accept it (${detail}): ${AUTHORITY[owner]}` +
        ELSE[owner];
    case "unusable":
      return `TLS does not accept it (${detail}): issue another one` +
        ELSE[owner];
  }
}

function unknownAuthority(
  { issuer, renewed }: Extract<
    CertificateFault,
    { readonly kind: "unknownAuthority" }
  >,
  { owner, caFiles, hasBuiltIn = true }: Pick<
    CertificateWordsOptions,
    "owner" | "caFiles" | "hasBuiltIn"
  >,
): string {
  const signer = `its authority "${short(issuer)}"`;
  if (renewed !== undefined) {
    return `${signer} has another key than the one of that name in ` +
      `${caFiles[renewed] ?? "the given ones"}: give the new one with ` +
      "--cacert-file";
  }
  const files = [...new Set(caFiles)].join(", ");
  const looked = files === ""
    ? "not built in"
    : hasBuiltIn
    ? `neither built in nor in ${files}`
    : `not in ${files}`;
  return `${signer} is ${looked}: ${AUTHORITY[owner]}${ELSE[owner]}`;
}

function whose(authority: string | undefined): string {
  return authority === undefined
    ? "it"
    : `the certificate of its authority "${short(authority)}"`;
}

function listOf(names: readonly string[]): string {
  if (names.length === 0) return "no host at all";
  const shown = names.slice(0, MAX_NAMES).map((name) => `"${short(name)}"`);
  const more = names.length - shown.length;
  if (more > 0) return `${shown.join(", ")} and ${more} more`;
  return shown.join(", ").replace(/, ([^,]+)$/, " and $1");
}

function short(name: string): string {
  return name.length > MAX_NAME ? `${name.slice(0, MAX_NAME)}…` : name;
}

/** To the second: `2026-11-30T21:11:41Z`. */
function timeOf(date: Date): string {
  return date.toISOString().replace(/\.\d+Z$/, "Z");
}
