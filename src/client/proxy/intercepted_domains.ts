/**
 * Whose TLS a client wants opened: what the user says, and the hosts that it
 * has credentials for, because they can be added to requests only that can be
 * read.
 *
 * @module
 */
import type { DomainRules } from "../../api/resources/domain_rules.ts";
import type { SiteCredentials } from "../../http/site_credentials.ts";
import type { TunnelWish } from "../tunnel_request.ts";

/** The lists of the tunnel; at most one of them has entries. */
export function openedDomains(
  {
    tlsResignDomains = [],
    tlsPassthroughDomains = [],
    credentials = [],
  }: {
    readonly tlsResignDomains?: DomainRules["tls_resign_domains"];
    readonly tlsPassthroughDomains?: DomainRules["tls_passthrough_domains"];
    readonly credentials?: readonly SiteCredentials[];
  },
): Pick<TunnelWish, "tlsResignDomains" | "tlsPassthroughDomains"> {
  const hosts = new Set(
    credentials.map(({ hostname }) => hostname).filter((host) => host !== "*"),
  );
  const exactly = [...hosts].map((host) => `^${escaped(host)}$`);
  if (tlsPassthroughDomains.length > 0) {
    const others = exactly.map((host) => `-${host}`);
    return {
      tlsResignDomains,
      tlsPassthroughDomains: [...tlsPassthroughDomains, ...others],
    };
  }
  return {
    tlsResignDomains: [...tlsResignDomains, ...exactly],
    tlsPassthroughDomains,
  };
}

function escaped(host: string): string {
  return host.replace(/[.\\[\](){}*+?^$|]/g, "\\$&");
}
