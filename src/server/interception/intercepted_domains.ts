/**
 * Whose TLS is opened: what the rules of a tunnel say about a host.
 *
 * Nobody's, unless the tunnel was created with `tls_resign_domains` (these) or
 * `tls_passthrough_domains` (all but these).
 *
 * @module
 */
import type { DomainRules } from "../../api/resources/domain_rules.ts";
import { compiledRules } from "../tunnels/compiled_rules.ts";
import { cacheDecisions, type Decide } from "../tunnels/rule_cache.ts";
import type { Tunnel } from "../tunnels/tunnel.ts";

const isResignedBy = cacheDecisions(compile);

/**
 * Whether the TLS of `hostname` is opened on its way through these tunnels,
 * which share a name. All of them have to want it: an exchange can go through
 * any.
 */
export function isInterceptedHost(
  tunnels: readonly Tunnel[],
  hostname: string,
): boolean {
  return tunnels.length > 0 &&
    tunnels.every(({ rules }) => isResignedBy(rules)(hostname));
}

function compile(rules: DomainRules): Decide<boolean> {
  const { tls_resign_domains: resigned, tls_passthrough_domains: passed } =
    compiledRules(rules);
  if (resigned !== undefined) return (hostname) => resigned.matches(hostname);
  if (passed !== undefined) return (hostname) => !passed.matches(hostname);
  return () => false;
}
