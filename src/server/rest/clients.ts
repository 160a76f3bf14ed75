/** Routes for clients: updates before the start, then heartbeat, probe and crash report. */
import { Hono } from "hono";
import {
  getUpdates,
  probeTunnel,
  reportCrash,
  sendHeartbeat,
} from "../../api/operations/client_operations.ts";
import { Problem } from "../../api/serving/problem.ts";
import { REST_PATH } from "../../api/operations/operation.ts";
import { logger } from "../../log/log.ts";
import type { UserEnv } from "./authentication.ts";
import { updatesFor } from "./version_info.ts";
import {
  ownLiveTunnel,
  refuseWhenStopping,
  type RestApiDependencies,
} from "./dependencies.ts";
import { route } from "./route.ts";

/** Logged characters of a report; the cause comes first. */
const MAX_LOGGED = 1024;

const log = logger("server");

/** Routes that clients use for their own tunnels. */
export function clientRoutes(
  { registry, probe, version, isStopping }: RestApiDependencies,
): Hono<UserEnv> {
  const app = new Hono<UserEnv>();

  route(
    app,
    getUpdates,
    ({ query, context }) =>
      updatesFor(query.client_version, {
        serverVersion: version,
        restUrl: new URL(REST_PATH, context.req.url).href,
      }),
  );

  route(app, sendHeartbeat, ({ user, id }) => {
    ownLiveTunnel(id, { user, registry }).markClientSeen();
    return { id, result: true };
  });

  route(app, probeTunnel, async ({ user, id }) => {
    const tunnel = ownLiveTunnel(id, { user, registry });
    refuseWhenStopping({ isStopping });
    const result = await probe(tunnel);
    if (!result.ok) throw new Problem(503, result.error);
    return { result: true, duration: result.durationMs };
  });

  route(app, reportCrash, ({ user, body }) => {
    const { Info, Tunnel } = body;
    log.warn("client crashed", {
      user,
      tunnel: Tunnel,
      info: Info.slice(0, MAX_LOGGED),
    });
    return { result: true };
  });

  return app;
}
