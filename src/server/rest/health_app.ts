/** Health and metrics of the server. */
import { type Context, Hono } from "hono";
import { DEFAULT_ORGANIZATION } from "../../api/resources/account_types.ts";
import { Problem, problemResponse } from "../../api/serving/problem.ts";
import { type HealthChecks, healthText } from "../../async/health_checks.ts";
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
  /** What the server needs to serve. */
  readonly health: Pick<HealthChecks, "failures">;
  /** Why the identity provider cannot be used, if it cannot. The server works without it. */
  readonly problemOfProvider?: () => string | undefined;
  /** Whether the server is shutting down. */
  readonly isStopping: () => boolean;
}

/**
 * `/healthz` and `/readyz` are public. `/metrics` counts the actions of all
 * organizations, so only users of the default organization may read it.
 *
 * The port of this application opens last and closes last. A server that is
 * shutting down is alive but not ready. One that fails a check is neither, and
 * says which. What it can do without is named after "OK".
 */
export function createHealthApp(options: HealthAppOptions): Hono<ApiEnv> {
  const { metrics, guard, accounts, isStopping } = options;
  const app = new Hono<UserEnv>();
  app.onError(problemResponse);
  app.get("/healthz", (context) => healthReply(context, options));
  app.get(
    "/readyz",
    (context) =>
      isStopping()
        ? context.text("stopping", 503)
        : healthReply(context, options),
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

function healthReply(
  context: Context,
  { health: { failures }, problemOfProvider = () => undefined }: Pick<
    HealthAppOptions,
    "health" | "problemOfProvider"
  >,
): Response {
  if (failures.size === 0) {
    const problem = problemOfProvider();
    const note = problem === undefined ? "" : `\nidentity provider: ${problem}`;
    return context.text(`OK${note}`);
  }
  return context.text(healthText(failures), 503);
}
