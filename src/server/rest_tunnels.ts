/**
 * Routes of the REST API about one tunnel: create, look, stop, heartbeat, probe.
 *
 * @module
 */
// deno-lint-ignore-file camelcase -- the names on the wire
import { Hono } from "hono";
import { Problem } from "../api/problem.ts";
import { stopManyQuery, stopQuery } from "../api/tunnel_queries.ts";
import {
  type HeartbeatReply,
  heartbeatRequest,
  type JobsReply,
  type ProbedReply,
  type StoppedManyReply,
  type StoppedReply,
} from "../api/tunnel_replies.ts";
import {
  type CreateTunnelRequest,
  createTunnelRequest,
} from "../api/tunnel_resource.ts";
import { readJson, readQuery } from "../api/validate.ts";
import type { UserEnv } from "./authentication.ts";
import { type TunnelController, TunnelLimitError } from "./controller.ts";
import type { CreatedTunnel } from "./registry.ts";
import {
  advertisedTo,
  ownLiveTunnel,
  ownTunnel,
  type RestApiDependencies,
} from "./rest_dependencies.ts";
import type { TunnelSpec } from "./tunnel.ts";
import { createdReplyOf, stateOf } from "./tunnel_state.ts";

const TUNNEL = "/:user/tunnels/:id{[0-9a-f]{32}}";

/** `POST /{user}/tunnels`, and `/{user}/tunnels/{id}` itself. */
export function tunnelRoutes(dependencies: RestApiDependencies): Hono<UserEnv> {
  const { registry, controller } = dependencies;
  const app = new Hono<UserEnv>();

  app.post("/:user/tunnels", async (context) => {
    const body = await readJson(context, createTunnelRequest);
    const created = create(controller, specOf(context.get("user"), body));
    const advertised = advertisedTo(context, dependencies);
    return context.json(createdReplyOf(created, advertised), 201);
  });

  app.get(TUNNEL, (context) => {
    const user = context.get("user");
    const tunnel = ownTunnel(context.req.param("id"), { user, registry });
    return context.json(
      stateOf(tunnel, advertisedTo(context, dependencies).host),
    );
  });

  app.delete(TUNNEL, (context) => {
    const query = readQuery(context, stopQuery);
    const user = context.get("user");
    const tunnel = ownLiveTunnel(context.req.param("id"), { user, registry });
    controller.stop(tunnel, {
      reason: query.reason ?? "api",
      waitForJobs: query.wait ?? query.wait_for_jobs ?? true,
      byUser: true,
    });
    const reply: StoppedReply = {
      result: true,
      id: tunnel.id,
      jobs_running: tunnel.jobsRunning,
    };
    return context.json(reply);
  });

  return app;
}

/** `DELETE /{user}/tunnels?metadata=…`: stops the tunnels that a run of CI has left behind. */
export function leaseRoutes(
  { registry, controller }: RestApiDependencies,
): Hono<UserEnv> {
  const app = new Hono<UserEnv>();
  app.delete("/:user/tunnels", (context) => {
    const { metadata, reason = "api", wait = true } = readQuery(
      context,
      stopManyQuery,
    );
    const tunnels = registry.list({ owner: context.get("user") })
      .filter(({ metadata: { extra = {} } }) =>
        Object.entries(metadata).every(([name, value]) => extra[name] === value)
      );
    for (const tunnel of tunnels) {
      controller.stop(tunnel, { reason, waitForJobs: wait, byUser: true });
    }
    const reply: StoppedManyReply = {
      result: true,
      ids: tunnels.map(({ id }) => id),
      jobs_running: tunnels.reduce((sum, each) => sum + each.jobsRunning, 0),
    };
    return context.json(reply);
  });
  return app;
}

/** What the client asks and tells while its tunnel runs: everything below `/{user}/tunnels/{id}`. */
export function clientRoutes(
  { registry, probe }: RestApiDependencies,
): Hono<UserEnv> {
  const app = new Hono<UserEnv>();

  app.get(`${TUNNEL}/num_jobs`, (context) => {
    const user = context.get("user");
    const tunnel = ownTunnel(context.req.param("id"), { user, registry });
    const reply: JobsReply = {
      id: tunnel.id,
      jobs_running: tunnel.jobsRunning,
    };
    return context.json(reply);
  });

  app.post(`${TUNNEL}/connected`, async (context) => {
    await readJson(context, heartbeatRequest);
    const user = context.get("user");
    const tunnel = ownLiveTunnel(context.req.param("id"), { user, registry });
    tunnel.noteClient();
    const reply: HeartbeatReply = { id: tunnel.id, result: true };
    return context.json(reply);
  });

  app.post(`${TUNNEL}/probe`, async (context) => {
    const user = context.get("user");
    const tunnel = ownLiveTunnel(context.req.param("id"), { user, registry });
    const result = await probe(tunnel);
    if (!result.ok) throw new Problem(503, result.error);
    const reply: ProbedReply = { result: true, duration: result.durationMs };
    return context.json(reply);
  });

  return app;
}

function specOf(owner: string, body: CreateTunnelRequest): TunnelSpec {
  const {
    tunnel_identifier: name,
    protocol: _onlyOne,
    shared_tunnel: isShared = false,
    shared = isShared ? "all" : "",
    tunnel_pool: pool = false,
    dedicated_port: wantsPort = false,
    metadata = {},
    ...rules
  } = body;
  return { owner, name, pool, shared, metadata, rules, wantsPort };
}

function create(controller: TunnelController, spec: TunnelSpec): CreatedTunnel {
  try {
    return controller.create(spec);
  } catch (error) {
    // 400 is what Sauce Connect's clients know as "too many".
    if (error instanceof TunnelLimitError) {
      throw new Problem(400, error.message);
    }
    throw error;
  }
}
