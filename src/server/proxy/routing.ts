/*
 * Where a request goes, by what the rules of its tunnel say about its host:
 *
 * | rule             | says                                           |
 * | ---------------- | ---------------------------------------------- |
 * | `deny_domains`   | refuses these, whatever the other rules say    |
 * | `direct_domains` | the server reaches these itself                |
 * | `tunnel_domains` | the server reaches all but these itself        |
 *
 * Everything else goes through the tunnel, and so does the server's own probe.
 */
import type { DomainRules } from "../../api/resources/domain_rules.ts";
import type { Handler } from "../../http/exchange.ts";
import type { DomainList } from "../../net/domains/domain_list.ts";
import { ProxyError } from "../../proxy/errors/errors.ts";
import { PROBE_HOST } from "../../tunnel/protocol.ts";
import { parseAuthority } from "../interception/check_authority.ts";
import { compiledRules } from "../tunnels/rules/compiled_rules.ts";
import { cacheDecisions, type Decide } from "../tunnels/rules/rule_cache.ts";
import type { Tunnel } from "../tunnels/tunnel.ts";
import type { AuthorizedHandler } from "./authorize.ts";
import { noSessionError } from "./dispatch.ts";

/** What happens to a request. */
export type Routing = "deny" | "direct" | "tunnel";

const routeBy = cacheDecisions(compile);

/**
 * Refuses requests or sends them to `direct` where the rules say so.
 *
 * @throws {ProxyError} From the handler: `domainDenied`, or that no client is
 * connected: rules lead past a tunnel, they do not replace it.
 */
export function routeRequests(
  next: AuthorizedHandler,
  direct: Handler,
): AuthorizedHandler {
  return async function routing(request, context) {
    const { tunnels } = context;
    const { hostname } = parseAuthority(request.authority);
    const route = routeOf(tunnels, hostname);
    if (route === "tunnel") return await next(request, context);
    if (route === "deny") {
      const error = new ProxyError("domainDenied", hostname);
      for (const { failures } of tunnels) failures.note(request, error);
      throw error;
    }
    if (!tunnels.some(({ isReady }) => isReady)) {
      throw noSessionError(tunnels, request);
    }
    return await direct(request, context);
  };
}

/**
 * The route of a request for `hostname` that may use any of `tunnels`, which
 * share a name. One tunnel suffices to deny; all must agree to go direct.
 */
export function routeOf(tunnels: readonly Tunnel[], hostname: string): Routing {
  if (hostname === PROBE_HOST) return "tunnel";
  const routes = tunnels.map(({ rules }) => routeBy(rules)(hostname));
  if (routes.includes("deny")) return "deny";
  const isDirect = routes.length > 0 &&
    routes.every((route) => route === "direct");
  return isDirect ? "direct" : "tunnel";
}

function compile(rules: DomainRules): Decide<Routing> {
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
