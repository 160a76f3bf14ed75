import type { MiddlewareHandler } from "hono";
import { createMiddleware } from "hono/factory";
import { parseBasicCredentials } from "../../http/basic_credentials.ts";
import {
  FAILURE_WINDOW,
  type FailureLimits,
  loginAttempt,
} from "./failure_limits.ts";
import { Problem } from "./problem.ts";
import { isSameSecret } from "./same_secret.ts";
import type { ApiEnv } from "./serve.ts";

const CHALLENGE = {
  "WWW-Authenticate": 'Basic realm="Sallyport", charset="UTF-8"',
} as const;

/**
 * Middleware that lets requests pass which carry these Basic credentials (RFC
 * 7617). A network that gives wrong ones too often must wait, with the right
 * ones too: a person chose them, so a peer that guesses must not learn
 * which are right.
 *
 * @param wanted `user:password`; the password may be missing.
 * @throws {Problem} 401, 429.
 */
export function requireCredentials(
  wanted: string,
  limits: FailureLimits,
): MiddlewareHandler<ApiEnv> {
  const expected = wanted.includes(":") ? wanted : `${wanted}:`;
  return createMiddleware<ApiEnv>(
    async function requireCredentials({ req, env }, next) {
      const given = parseBasicCredentials(req.header("authorization"));
      // A browser asks without credentials first: that is no guess.
      if (given === undefined) throw refusal("credentials are needed");
      const { username, password } = given;
      const asker = loginAttempt(username, env?.remoteAddress ?? "");
      if (!limits.mayFail(asker)) throw throttled();
      if (!isSameSecret(`${username}:${password}`, expected)) {
        limits.fail(asker);
        throw refusal("user name or password is wrong");
      }
      limits.succeed(asker);
      await next();
    },
  );
}

function refusal(reason: string): Problem {
  return new Problem(401, `Cannot answer: ${reason}`, CHALLENGE);
}

function throttled(): Problem {
  return new Problem(
    429,
    "Cannot answer: too many wrong credentials came from your address, wait a minute",
    { "Retry-After": String(FAILURE_WINDOW / 1000) },
  );
}
