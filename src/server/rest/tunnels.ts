/** Routes that create, show and stop tunnels. */
import { Hono } from "hono";
import type { DomainRules } from "../../api/resources/domain_rules.ts";
import { Problem } from "../../api/serving/problem.ts";
import {
  createTunnel,
  getTunnel,
  stopTunnel,
  stopTunnels,
} from "../../api/operations/tunnel_operations.ts";
import type { CreateTunnelRequest } from "../../api/resources/tunnel_resource.ts";
import { NamedListError } from "../../net/domains/compile_domains.ts";
import { actorOf, type UserEnv } from "./authentication.ts";
import {
  compileRules,
  RulesBusyError,
} from "../tunnels/rules/compiled_rules.ts";
import { TunnelLimitError } from "../tunnels/controller.ts";
import {
  advertisedTo,
  refuseWhenStopping,
  type RestApiDependencies,
  stoppableTunnel,
  visibleTunnel,
} from "./dependencies.ts";
import { route } from "./route.ts";
import type { TunnelSpec } from "../tunnels/tunnel.ts";
import {
  createdReplyOf,
  matchesMetadata,
  stateOf,
} from "../tunnels/tunnel_state.ts";

/** `POST /{user}/tunnels`, and `GET` and `DELETE /{user}/tunnels/{id}`. */
export function tunnelRoutes(dependencies: RestApiDependencies): Hono<UserEnv> {
  const { accounts, registry, controller } = dependencies;
  const app = new Hono<UserEnv>();

  route(app, createTunnel, async ({ user, body, context }) => {
    refuseWhenStopping(dependencies);
    const by = actorOf(context);
    const { id: keyId } = context.get("key");
    const spec = { ...specOf(user, body), keyId };
    asProblem(() => controller.checkRoom(spec));
    await compile(spec);
    // The server may have begun to shut down in the meantime.
    refuseWhenStopping(dependencies);
    const created = asProblem(() => controller.create(spec, by));
    return createdReplyOf(created, advertisedTo(context, dependencies));
  });

  route(app, getTunnel, ({ user, scope, id, context }) => {
    const tunnel = visibleTunnel(id, { user, scope, registry, accounts });
    return stateOf(tunnel, advertisedTo(context, dependencies).host);
  });

  route(app, stopTunnel, ({ user, scope, id, query, context }) => {
    const tunnel = stoppableTunnel(id, { user, scope, registry, accounts });
    controller.stop(tunnel, {
      reason: query.reason ?? "api",
      waitForJobs: query.wait ?? query.wait_for_jobs ?? true,
      drainTimeout: millisecondsOf(query.drain_timeout),
      byUser: tunnel.owner === user,
      by: actorOf(context),
    });
    return { result: true, id, jobs_running: tunnel.jobsRunning };
  });

  return app;
}

/** `DELETE /{user}/tunnels?metadata=…`: stops the tunnels that a CI run left behind. */
export function bulkStopRoutes(
  { registry, controller }: RestApiDependencies,
): Hono<UserEnv> {
  const app = new Hono<UserEnv>();
  route(app, stopTunnels, ({ user, query, context }) => {
    const { metadata, reason = "api", wait = true } = query;
    const drainTimeout = millisecondsOf(query.drain_timeout);
    const tunnels = registry.list({ owner: user })
      .filter((tunnel) => matchesMetadata(tunnel, metadata));
    const by = actorOf(context);
    for (const tunnel of tunnels) {
      controller.stop(tunnel, {
        reason,
        waitForJobs: wait,
        drainTimeout,
        byUser: true,
        by,
      });
    }
    return {
      result: true,
      ids: tunnels.map(({ id }) => id),
      jobs_running: tunnels.reduce((sum, each) => sum + each.jobsRunning, 0),
    };
  });
  return app;
}

function millisecondsOf(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : seconds * 1000;
}

function specOf(
  owner: string,
  body: CreateTunnelRequest,
): TunnelSpec & { readonly rules: DomainRules } {
  const {
    tunnel_identifier: name,
    protocol: _protocol,
    shared_tunnel: isShared = false,
    shared = isShared ? "all" : "",
    tunnel_pool: pool = false,
    dedicated_port: wantsPort = false,
    metadata = {},
    ...rules
  } = body;
  return { owner, name, pool, shared, metadata, rules, wantsPort };
}

async function compile(
  { rules, owner }: { readonly rules: DomainRules; readonly owner: string },
): Promise<void> {
  try {
    await compileRules(rules, owner);
  } catch (error) {
    if (error instanceof NamedListError) {
      throw new Problem(400, `Wrong field "${error.list}": ${error.why}`);
    }
    if (error instanceof RulesBusyError) {
      throw new Problem(429, error.message, { "Retry-After": "1" });
    }
    throw error;
  }
}

function asProblem<Result>(work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    // Sauce Connect's clients expect 400 for too many tunnels.
    if (error instanceof TunnelLimitError) {
      throw new Problem(400, error.message);
    }
    throw error;
  }
}
