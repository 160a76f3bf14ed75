/** Says in one sentence why there is no certificate, and what to do about it. */
import type { AcmeError } from "./acme_error.ts";
import type { ChallengeKind } from "./challenge_kind.ts";

/** What the sentence is about. */
export interface AcmeWordsOptions {
  readonly domains: readonly string[];
  readonly directory: string;
  readonly kind: ChallengeKind;
}

/** Where the CA looks. */
const LOOKS: Readonly<Record<ChallengeKind, string>> = {
  "http-01":
    "let port 80 of that name lead to --acme-http-address of this server",
  "tls-alpn-01":
    "let port 443 of that name lead to --address of this server, " +
    "past proxies that end TLS, or use HTTP-01 (--acme-http-address)",
};

/** What helps, by the kind of problem (RFC 8555 §6.7). */
const REMEDIES: Readonly<Record<string, string>> = {
  accountDoesNotExist:
    "remove the account's file (acme-…-account.json) from the data directory",
  badCSR: "check the names in --acme-domain",
  caa: "let a CAA record of that name allow this CA",
  dns: "let an A or AAAA record of that name lead to this server",
  externalAccountRequired:
    "set --acme-eab-key-id and --acme-eab-hmac-key as the CA says",
  invalidContact: "check --acme-email",
  malformed: "check --acme-directory and --acme-domain",
  noAcme: "check --acme-directory",
  rateLimited: "wait: the server tries again when the CA allows it",
  rejectedIdentifier:
    "use a public name in --acme-domain, or another CA in --acme-directory",
  serverInternal: "wait: the server tries again",
  unreachable: "check --acme-directory, and let firewalls pass it",
  unsupportedContact: "check --acme-email",
  untrusted: "give the CA's own certificate with --acme-cacert-file",
  userActionRequired: "do what the CA asks for",
};

/** Kinds that are about what the CA sees at the name. */
const OF_THE_CHALLENGE = [
  "connection",
  "incorrectResponse",
  "tls",
  "unauthorized",
];

/** The sentence. */
export function acmeWords(
  { domain, kind: problem = "", message }: AcmeError,
  { domains, directory, kind }: AcmeWordsOptions,
): string {
  const names = domain === undefined ? domains : [domain];
  const list = names.map((each) => `"${each}"`).join(", ");
  const host = URL.parse(directory)?.host ?? directory;
  const how = domain === undefined ? "" : ` by ${kind.toUpperCase()}`;
  const isOwn = ["unreachable", "untrusted", "noAcme"].includes(problem);
  const who = isOwn ? "" : `the CA "${host}" says${how}: `;
  return `Cannot get a certificate for ${list}: ${who}${message}, ${
    remedyOf(problem, { domain, kind })
  }`;
}

function remedyOf(
  problem: string,
  { domain, kind }: {
    readonly domain: string | undefined;
    readonly kind: ChallengeKind;
  },
): string {
  const isOfChallenge = OF_THE_CHALLENGE.includes(problem) ||
    domain !== undefined && REMEDIES[problem] === undefined;
  if (problem === "notOffered") return "use the other challenge";
  if (isOfChallenge) return LOOKS[kind];
  return REMEDIES[problem] ?? "see the CA's documentation";
}
