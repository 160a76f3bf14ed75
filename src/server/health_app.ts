/**
 * How the server itself is: alive, ready, and what it counts.
 *
 * @module
 */
import { Hono } from "hono";
import { problemResponse } from "../api/problem.ts";
import { scrapeReply } from "../api/scrape.ts";
import type { ApiEnv } from "../api/serve.ts";
import type { Registry } from "../metrics/registry.ts";
import { authenticate, type UserEnv } from "./authentication.ts";
import type { LoginGuard } from "./login_guard.ts";

/** What the answers come from. */
export interface HealthAppOptions {
  readonly metrics: Registry;
  readonly guard: LoginGuard;
}

/**
 * `/healthz` and `/readyz` for anybody, `/metrics` for users: a server that
 * answers takes clients and browsers, all its ports are opened before this one.
 */
export function createHealthApp(
  { metrics, guard }: HealthAppOptions,
): Hono<ApiEnv> {
  const app = new Hono<UserEnv>();
  app.onError(problemResponse);
  app.get("/healthz", (context) => context.text("OK"));
  app.get("/readyz", (context) => context.text("OK"));
  app.get(
    "/metrics",
    authenticate(guard),
    (context) => scrapeReply(context.req.raw, metrics),
  );
  return new Hono<ApiEnv>().route("/", app);
}
