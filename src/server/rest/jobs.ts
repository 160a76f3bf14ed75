/** Routes for the jobs of a tunnel. */
import { Hono } from "hono";
import { countJobs, listJobs } from "../../api/operations/tunnel_operations.ts";
import type { UserEnv } from "./authentication.ts";
import {
  managedTunnel,
  type RestApiDependencies,
  visibleTunnel,
} from "./dependencies.ts";
import { route } from "./route.ts";

/** `num_jobs` for users of the tunnel, `jobs` with names for users who may stop it. */
export function jobRoutes(
  { registry, accounts }: RestApiDependencies,
): Hono<UserEnv> {
  const app = new Hono<UserEnv>();

  route(app, countJobs, ({ user, scope, id }) => {
    const tunnel = visibleTunnel(id, { user, scope, registry, accounts });
    return { id, jobs_running: tunnel.jobsRunning };
  });

  route(app, listJobs, ({ user, scope, id }) => {
    const tunnel = managedTunnel(id, { user, scope, registry, accounts });
    return {
      id,
      jobs_running: tunnel.jobsRunning,
      jobs: tunnel.jobs.list().map((job) => ({
        ...job,
        since: Math.floor(job.since / 1000),
      })),
      other_exchanges: tunnel.otherExchanges,
    };
  });

  return app;
}
