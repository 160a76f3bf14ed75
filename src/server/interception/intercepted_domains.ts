import type { DomainRules } from "../../api/resources/domain_rules.ts";
import { compiledRules } from "../tunnels/rules/compiled_rules.ts";
import { cacheDecisions, type Decide } from "../tunnels/rules/rule_cache.ts";
import type { Tunnel } from "../tunnels/tunnel.ts";

const isInterceptedBy = cacheDecisions(compile);

/**
 * Whether the rules intercept the TLS of `hostname`: `tls_resign_domains` does
 * for these hosts, `tls_passthrough_domains` for all but these, and by default
 * none is. The tunnels share a name, and all must agree: a request can use any.
 */
export function isInterceptedHost(
  tunnels: readonly Tunnel[],
  hostname: string,
): boolean {
  return tunnels.length > 0 &&
    tunnels.every(({ rules }) => isInterceptedBy(rules)(hostname));
}

function compile(rules: DomainRules): Decide<boolean> {
  const {
    tls_resign_domains: intercepted,
    tls_passthrough_domains: passedThrough,
  } = compiledRules(rules);
  if (intercepted !== undefined) {
    return (hostname) => intercepted.matches(hostname);
  }
  if (passedThrough !== undefined) {
    return (hostname) => !passedThrough.matches(hostname);
  }
  return () => false;
}
