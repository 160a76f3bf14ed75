/**
 * Middleware of the REST API and the page: who asks?
 *
 * @module
 */
import type { Context, MiddlewareHandler } from "hono";
import { createMiddleware } from "hono/factory";
import { parseBasicCredentials } from "../api/basic_auth.ts";
import { Problem } from "../api/problem.ts";
import type { ApiEnv } from "../api/serve.ts";
import { FAILURE_WINDOW, type LoginGuard } from "./login_guard.ts";

/** What requests carry once they are authenticated. */
export interface UserEnv extends ApiEnv {
  Variables: {
    /** Name of the user who asks. */
    readonly user: string;
  };
}

const CHALLENGE = {
  "WWW-Authenticate": 'Basic realm="Sallyport", charset="UTF-8"',
} as const;

/** Lets users pass who give their name and access key as Basic credentials. */
export function authenticate(guard: LoginGuard): MiddlewareHandler<UserEnv> {
  return createMiddleware<UserEnv>(async function authenticate(context, next) {
    context.set("user", await userOf(context, guard));
    await next();
  });
}

/** Who asks, by Basic credentials. @throws {Problem} 401, 429. */
export async function userOf(
  { req, env }: Pick<Context<ApiEnv>, "req" | "env">,
  guard: LoginGuard,
): Promise<string> {
  const credentials = parseBasicCredentials(req.header("authorization"));
  if (!credentials) {
    throw new Problem(
      401,
      "Cannot tell who asks: give user name and access key as Basic credentials",
      CHALLENGE,
    );
  }
  const outcome = await guard.check(credentials, env?.remoteAddress ?? "");
  switch (outcome) {
    case "accepted":
      return credentials.username;
    case "throttled":
      throw new Problem(
        429,
        "Cannot log in: too many failures, wait a minute",
        {
          "Retry-After": String(FAILURE_WINDOW / 1000),
        },
      );
    case "refused":
      throw new Problem(
        401,
        "Cannot log in: user name or access key is wrong",
        CHALLENGE,
      );
    default:
      return outcome satisfies never;
  }
}
