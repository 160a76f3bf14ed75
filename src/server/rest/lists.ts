/** Routes that list tunnels. */
import { Hono } from "hono";
import {
  listAllTunnels,
  listTunnels,
} from "../../api/operations/tunnel_operations.ts";
import {
  type ListQuery,
  MAX_LIMIT,
} from "../../api/resources/tunnel_queries.ts";
import type { UserEnv } from "./authentication.ts";
import { advertisedTo, type RestApiDependencies } from "./dependencies.ts";
import { Permissions } from "../accounts/permissions.ts";
import { route } from "./route.ts";
import type { Tunnel } from "../tunnels/tunnel.ts";
import { matchesMetadata, stateOf } from "../tunnels/tunnel_state.ts";

/** `GET /{user}/tunnels` and `GET /{user}/all_tunnels`. */
export function listRoutes(dependencies: RestApiDependencies): Hono<UserEnv> {
  const { accounts, registry } = dependencies;
  const app = new Hono<UserEnv>();

  route(app, listTunnels, ({ user, query, context }) => {
    const permissions = new Permissions(user, accounts);
    // Programs pick a tunnel for their tests from the plain list.
    const isListed = (tunnel: Tunnel) =>
      query.all ? permissions.maySee(tunnel) : permissions.mayUse(tunnel);
    const tunnels = select(registry.list().filter(isListed), query);
    const { host } = advertisedTo(context, dependencies);
    const entriesOf = (some: readonly Tunnel[]) =>
      query.full
        ? some.map((tunnel) => stateOf(tunnel, host))
        : some.map(({ id }) => id);
    if (!query.all) return entriesOf(tunnels);
    return Object.fromEntries(
      Map.groupBy(tunnels, ({ owner }) => owner).entries()
        .map(([owner, theirs]) => [owner, entriesOf(theirs)]),
    );
  });

  route(app, listAllTunnels, ({ user, query, context }) => {
    const { host } = advertisedTo(context, dependencies);
    const tunnels = registry.list({ owner: user, ended: true })
      .slice(0, query.limit ?? MAX_LIMIT);
    return { tunnels: tunnels.map((tunnel) => stateOf(tunnel, host)) };
  });

  return app;
}

function select(
  tunnels: readonly Tunnel[],
  { filter, protocol = ["h2c"], metadata = {} }: ListQuery,
): readonly Tunnel[] {
  if (!protocol.includes("h2c")) return [];
  const matching = tunnels.filter((tunnel) =>
    matchesMetadata(tunnel, metadata)
  );
  switch (filter) {
    case undefined:
      return matching;
    case "one_per_pool":
      return oneOfEachPool(matching);
    case "v2alpha":
      // A kind of virtual machine that exists only at Sauce Labs.
      return [];
    default:
      return filter satisfies never;
  }
}

function oneOfEachPool(tunnels: readonly Tunnel[]): readonly Tunnel[] {
  // User names contain no `+`.
  const byPool = tunnels.map((tunnel) =>
    [`${tunnel.owner}+${tunnel.name}`, tunnel] as const
  );
  return [...new Map(byPool).values()];
}
