/**
 * Routes of the REST API about the jobs of a tunnel.
 *
 * @module
 */
import { Hono } from "hono";
import { countJobs, listJobs } from "../api/tunnel_operations.ts";
import type { UserEnv } from "./authentication.ts";
import {
  ownTunnel,
  type RestApiDependencies,
  usableTunnel,
} from "./rest_dependencies.ts";
import { route } from "./rest_route.ts";

/** `num_jobs` for all who may use the tunnel, `jobs` with their names for its owner. */
export function jobRoutes({ registry }: RestApiDependencies): Hono<UserEnv> {
  const app = new Hono<UserEnv>();

  route(app, countJobs, ({ user, id }) => {
    const tunnel = usableTunnel(id, { user, registry });
    return { id, jobs_running: tunnel.jobsRunning };
  });

  route(app, listJobs, ({ user, id }) => {
    const tunnel = ownTunnel(id, { user, registry });
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
