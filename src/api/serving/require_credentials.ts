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
 * Middleware that requires these Basic credentials (RFC 7617). After too many
 * wrong ones a network must wait, even with the right ones: a person chose them,
 * so a guessing peer must not learn which are right.
 *
 * @param required `user:password`; the password may be missing.
 * @throws {Problem} 401, 429.
 */
export function requireCredentials(
  required: string,
  limits: FailureLimits,
): MiddlewareHandler<ApiEnv> {
  const expected = required.includes(":") ? required : `${required}:`;
  return createMiddleware<ApiEnv>(
    async function requireCredentials({ req, env }, next) {
      const credentials = parseBasicCredentials(req.header("authorization"));
      // A browser first sends a request without credentials: this does not count as a guess.
      if (credentials === undefined) {
        throw unauthorized("Authentication required: user name and password");
      }
      const { username, password } = credentials;
      const attempt = loginAttempt(username, env?.remoteAddress ?? "");
      if (!limits.mayFail(attempt)) throw throttled();
      if (!isSameSecret(`${username}:${password}`, expected)) {
        limits.fail(attempt);
        throw unauthorized("User name or password is wrong");
      }
      limits.succeed(attempt);
      await next();
    },
  );
}

function unauthorized(message: string): Problem {
  return new Problem(401, message, CHALLENGE);
}

function throttled(): Problem {
  return new Problem(
    429,
    "Too many wrong credentials from your address, wait a minute",
    { "Retry-After": String(FAILURE_WINDOW / 1000) },
  );
}
