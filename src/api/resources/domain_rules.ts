/**
 * The lists of domains that a tunnel is created with: which hosts are denied,
 * tunnelled or reached directly, and whose TLS is re-signed.
 *
 * @module
 */
// deno-lint-ignore-file camelcase -- the names on the wire
import { z } from "zod";
import { whyNotTexts } from "../../net/domains/domain_list.ts";

/** Most entries of one list: thousands of single hosts are better said as a regular expression. */
export const MAX_DOMAINS = 1000;
/** Longest entry in characters. */
export const MAX_DOMAIN_LENGTH = 1024;

/** Lists of regular expressions over host names; `-` before one excludes, `all` matches every host. */
export interface DomainRules {
  readonly deny_domains?: readonly string[];
  readonly direct_domains?: readonly string[];
  /** Excludes `direct_domains`. */
  readonly tunnel_domains?: readonly string[];
  readonly tls_resign_domains?: readonly string[];
  /** Excludes `tls_resign_domains`. */
  readonly tls_passthrough_domains?: readonly string[];
}

type DomainList = z.ZodExactOptional<z.ZodArray<z.ZodString>>;

// They are compiled where a tunnel is created: here that would stop everybody else.
const domains = z.array(z.string().min(1).max(MAX_DOMAIN_LENGTH)).max(
  MAX_DOMAINS,
).superRefine((entries, context) => {
  const message = entries.length === 0 ? undefined : whyNotTexts(entries);
  if (message !== undefined) context.addIssue({ code: "custom", message });
});

/** The fields of {@linkcode DomainRules}, to spread into a schema. */
export const domainRulesShape: Readonly<
  Record<keyof DomainRules, DomainList>
> = {
  deny_domains: about("Hosts that are refused"),
  direct_domains: about("Hosts that the server reaches itself"),
  tunnel_domains: about("Hosts that go through the tunnel, and no others"),
  tls_resign_domains: about("Hosts whose TLS the server opens"),
  tls_passthrough_domains: about("Hosts whose TLS stays closed, and no others"),
};

/** The list with a description; what all lists have in common is said with each. */
function about(text: string): DomainList {
  return z.exactOptional(
    domains.describe(
      `${text}: regular expressions; \`-\` before one excludes, \`all\` is every host.`,
    ),
  );
}
