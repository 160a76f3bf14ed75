/**
 * Routes of the REST API that list tunnels.
 *
 * @module
 */
import { Hono } from "hono";
import {
  allTunnelsQuery,
  type ListQuery,
  listQuery,
  MAX_LIMIT,
} from "../api/tunnel_queries.ts";
import type { AllTunnelsReply } from "../api/tunnel_replies.ts";
import { readQuery } from "../api/validate.ts";
import type { UserEnv } from "./authentication.ts";
import { advertisedTo, type RestApiDependencies } from "./rest_dependencies.ts";
import type { Tunnel } from "./tunnel.ts";
import { stateOf } from "./tunnel_state.ts";

/** `GET /{user}/tunnels` and `GET /{user}/all_tunnels`. */
export function listRoutes(dependencies: RestApiDependencies): Hono<UserEnv> {
  const { registry } = dependencies;
  const app = new Hono<UserEnv>();

  app.get("/:user/tunnels", (context) => {
    const query = readQuery(context, listQuery);
    const owner = context.get("user");
    const { host } = advertisedTo(context, dependencies);
    const entries = select(registry.list({ owner }), query).map((tunnel) =>
      query.full ? stateOf(tunnel, host) : tunnel.id
    );
    if (!query.all) return context.json(entries);
    return context.json(entries.length > 0 ? { [owner]: entries } : {});
  });

  app.get("/:user/all_tunnels", (context) => {
    const { limit = MAX_LIMIT } = readQuery(context, allTunnelsQuery);
    const { host } = advertisedTo(context, dependencies);
    const tunnels = registry.list({ owner: context.get("user"), ended: true });
    const reply: AllTunnelsReply = {
      tunnels: tunnels.slice(0, limit).map((tunnel) => stateOf(tunnel, host)),
    };
    return context.json(reply);
  });

  return app;
}

function select(
  tunnels: readonly Tunnel[],
  { filter, protocol = ["h2c"] }: ListQuery,
): readonly Tunnel[] {
  if (!protocol.includes("h2c")) return [];
  switch (filter) {
    case undefined:
      return tunnels;
    case "one_per_pool":
      return [...new Map(tunnels.map((each) => [each.name, each])).values()];
    case "v2alpha":
      // A kind of virtual machine that only Sauce Labs has.
      return [];
    default:
      return filter satisfies never;
  }
}
