/**
 * The lists of domains that a tunnel is created with: hosts that are denied,
 * tunnelled or reached directly, and hosts whose TLS is intercepted.
 */
// deno-lint-ignore-file camelcase -- the names on the wire
import { z } from "zod";
import { whyNotTexts } from "../../net/domains/domain_list.ts";
import type { Infer } from "./immutable.ts";

/** Most entries of one list. Thousands of single hosts fit in one regular expression. */
export const MAX_DOMAINS = 1000;
/** Longest entry in characters. */
export const MAX_DOMAIN_LENGTH = 1024;

// Expressions are compiled when a tunnel is created, by the owner's turn:
// compiling them here would block all other requests.
const domains = z.array(z.string().min(1).max(MAX_DOMAIN_LENGTH)).max(
  MAX_DOMAINS,
).superRefine((entries, context) => {
  const message = entries.length === 0 ? undefined : whyNotTexts(entries);
  if (message !== undefined) context.addIssue({ code: "custom", message });
});

/** Fields with lists of domains, to spread into a schema. */
export const domainRulesShape = {
  deny_domains: listOf("Hosts that are refused"),
  direct_domains: listOf("Hosts that the server reaches itself"),
  /** Excludes `direct_domains`. */
  tunnel_domains: listOf("The only hosts that go through the tunnel"),
  tls_resign_domains: listOf("Hosts whose TLS the server intercepts"),
  /** Excludes `tls_resign_domains`. */
  tls_passthrough_domains: listOf(
    "The only hosts whose TLS is not intercepted",
  ),
};

const domainRules = z.object(domainRulesShape);

/** Lists of regular expressions over host names; a leading `-` excludes, `all` matches every host. */
export type DomainRules = Infer<typeof domainRules>;

function listOf(subject: string) {
  return z.exactOptional(
    domains.describe(
      `${subject}: regular expressions; \`-\` before one excludes, \`all\` is every host.`,
    ),
  );
}
