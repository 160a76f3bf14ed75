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
import type { DomainRules } from "../api/domain_rules.ts";
import { DomainList } from "../net/domain_list.ts";
import { PROBE_HOST } from "../tunnel/protocol.ts";
import { type Decide, rememberRules } from "./remember_rules.ts";
import type { Tunnel } from "./tunnel.ts";

/** What happens to a request. */
export type Route = "deny" | "direct" | "tunnel";

const routeBy = rememberRules(compile);

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

function compile(
  {
    deny_domains: denied = [],
    direct_domains: direct = [],
    tunnel_domains: tunnelled = [],
  }: DomainRules,
): Decide<Route> {
  const isDenied = matcherOf(denied);
  const isDirect = matcherOf(direct);
  const isTunnelled = tunnelled.length === 0
    ? () => true
    : matcherOf(tunnelled);
  return function decide(hostname) {
    if (isDenied(hostname)) return "deny";
    return isDirect(hostname) || !isTunnelled(hostname) ? "direct" : "tunnel";
  };
}

function matcherOf(domains: readonly string[]): Decide<boolean> {
  if (domains.length === 0) return () => false;
  const list = DomainList.parse(domains);
  return (hostname) => list.matches(hostname);
}
