/**
 * Where a request goes: what the rules of a tunnel say about its host.
 *
 * | rule | says |
 * |---|---|
 * | `deny_domains` | these are refused, whatever the others say |
 * | `direct_domains` | the server reaches these itself |
 * | `tunnel_domains` | the server reaches all but these itself |
 *
 * Everything else goes through the tunnel. What the server probes the tunnel
 * with always does.
 *
 * @module
 */
import type { DomainRules } from "../../api/resources/domain_rules.ts";
import type { DomainList } from "../../net/domains/domain_list.ts";
import { PROBE_HOST } from "../../tunnel/protocol.ts";
import { compiledRules } from "../tunnels/compiled_rules.ts";
import { cacheDecisions, type Decide } from "../tunnels/rule_cache.ts";
import type { Tunnel } from "../tunnels/tunnel.ts";

/** What happens to a request. */
export type Route = "deny" | "direct" | "tunnel";

const routeBy = cacheDecisions(compile);

/**
 * Where a request for `hostname` goes that may take any of `tunnels`, which
 * share a name: nowhere when one of them denies it, past them when all say so.
 */
export function routeOf(tunnels: readonly Tunnel[], hostname: string): Route {
  if (hostname === PROBE_HOST) return "tunnel";
  const routes = tunnels.map(({ rules }) => routeBy(rules)(hostname));
  if (routes.includes("deny")) return "deny";
  const isDirect = routes.length > 0 &&
    routes.every((route) => route === "direct");
  return isDirect ? "direct" : "tunnel";
}

function compile(rules: DomainRules): Decide<Route> {
  const {
    deny_domains: denied,
    direct_domains: direct,
    tunnel_domains: tunnelled,
  } = compiledRules(rules);
  return function decide(hostname) {
    if (has(denied, hostname)) return "deny";
    if (has(direct, hostname)) return "direct";
    if (tunnelled === undefined || tunnelled.matches(hostname)) return "tunnel";
    return "direct";
  };
}

function has(list: DomainList | undefined, hostname: string): boolean {
  return list?.matches(hostname) ?? false;
}
