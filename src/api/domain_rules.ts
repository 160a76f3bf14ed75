/**
 * The lists of domains that a tunnel is created with: which hosts are denied,
 * tunnelled or reached directly, and whose TLS is re-signed.
 *
 * @module
 */
// deno-lint-ignore-file camelcase -- the names on the wire
import { z } from "zod";
import { whyNotDomains } from "../net/domain_list.ts";

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

const domains: DomainList = z.exactOptional(
  z.array(z.string().min(1).max(MAX_DOMAIN_LENGTH)).max(MAX_DOMAINS)
    .superRefine((entries, context) => {
      const message = entries.length === 0 ? undefined : whyNotDomains(entries);
      if (message !== undefined) context.addIssue({ code: "custom", message });
    }),
);

/** The fields of {@linkcode DomainRules}, to spread into a schema. */
export const domainRulesShape: Readonly<
  Record<keyof DomainRules, DomainList>
> = {
  deny_domains: domains,
  direct_domains: domains,
  tunnel_domains: domains,
  tls_resign_domains: domains,
  tls_passthrough_domains: domains,
};
