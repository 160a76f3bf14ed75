/** Health and metrics of the server. */
import { Hono } from "hono";
import { DEFAULT_ORGANIZATION } from "../../api/resources/account_types.ts";
import { Problem, problemResponse } from "../../api/serving/problem.ts";
import { scrapeReply } from "../../api/serving/scrape.ts";
import type { ApiEnv } from "../../api/serving/serve.ts";
import type { Registry } from "../../metrics/registry.ts";
import { authenticate, checkScope, type UserEnv } from "./authentication.ts";
import type { LoginGuard } from "../accounts/login_guard.ts";
import type { UserDirectory } from "../accounts/permissions.ts";

/** Sources of the responses. */
export interface HealthAppOptions {
  readonly metrics: Registry;
  readonly guard: LoginGuard;
  /** The organization of each user. */
  readonly accounts: UserDirectory;
  /** Whether the server is shutting down. */
  readonly isStopping: () => boolean;
  /** What does not work, though requests go on: one sentence each, without a path. */
  readonly problems?: () => readonly string[];
}

/**
 * `/healthz` and `/readyz` are public. `/metrics` counts the actions of all
 * organizations, so only users of the default organization may read it.
 *
 * The port of this application opens last and closes last. So a server that
 * responds also accepts clients and browsers, unless it is shutting down: then it
 * is alive but not ready.
 */
export function createHealthApp(
  { metrics, guard, accounts, isStopping, problems = () => [] }:
    HealthAppOptions,
): Hono<ApiEnv> {
  const app = new Hono<UserEnv>();
  app.onError(problemResponse);
  // A problem is no reason to be restarted: requests go on, and a server with a
  // full disk would not start again.
  app.get(
    "/healthz",
    (context) => context.text(["OK", ...problems()].join("\n")),
  );
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
          "Permission denied: only users of organization " +
            `"${DEFAULT_ORGANIZATION}" may read metrics`,
        );
      }
      return scrapeReply(context.req.raw, metrics);
    },
  );
  return new Hono<ApiEnv>().route("/", app);
}
