/**
 * How the server itself is: alive, ready, and what it counts.
 *
 * @module
 */
import { Hono } from "hono";
import { DEFAULT_ORGANIZATION } from "../../api/resources/account_types.ts";
import { Problem, problemResponse } from "../../api/serving/problem.ts";
import { scrapeReply } from "../../api/serving/scrape.ts";
import type { ApiEnv } from "../../api/serving/serve.ts";
import type { Registry } from "../../metrics/registry.ts";
import { authenticate, checkScope, type UserEnv } from "./authentication.ts";
import type { LoginGuard } from "../accounts/login_guard.ts";
import type { UserDirectory } from "../accounts/permissions.ts";

/** What the answers come from. */
export interface HealthAppOptions {
  readonly metrics: Registry;
  readonly guard: LoginGuard;
  /** Where users belong. */
  readonly accounts: UserDirectory;
  /** Whether it takes nothing new any more. */
  readonly isStopping: () => boolean;
}

/**
 * `/healthz` and `/readyz` for anybody, `/metrics` for users of the organization
 * that a server begins with, because it counts what all do: a server that
 * answers takes clients and browsers, all its ports are opened before this one
 * and closed before it. Until it has closed them it is alive, and not ready.
 */
export function createHealthApp(
  { metrics, guard, accounts, isStopping }: HealthAppOptions,
): Hono<ApiEnv> {
  const app = new Hono<UserEnv>();
  app.onError(problemResponse);
  app.get("/healthz", (context) => context.text("OK"));
  app.get(
    "/readyz",
    (context) =>
      isStopping() ? context.text("stopping", 503) : context.text("OK"),
  );
  app.get(
    "/metrics",
    authenticate(guard),
    (context) => {
      checkScope(context.get("key"), ["read"]);
      const user = accounts.findUser(context.get("user"));
      if (user?.organization !== DEFAULT_ORGANIZATION) {
        throw new Problem(
          403,
          "Cannot show what is counted: that is for users of the organization " +
            `"${DEFAULT_ORGANIZATION}"`,
        );
      }
      return scrapeReply(context.req.raw, metrics);
    },
  );
  return new Hono<ApiEnv>().route("/", app);
}
