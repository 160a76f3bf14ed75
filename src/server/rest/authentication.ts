/** Authentication of requests to the REST API and the page. */
import type { Context, MiddlewareHandler } from "hono";
import { createMiddleware } from "hono/factory";
import { parseBasicCredentials } from "../../http/basic_credentials.ts";
import { Problem } from "../../api/serving/problem.ts";
import type { ApiEnv } from "../../api/serving/serve.ts";
import type { KeyScope } from "../../api/resources/account_types.ts";
import { FAILURE_WINDOW } from "../../api/serving/failure_limits.ts";
import type { VerifiedKey } from "../accounts/accounts.ts";
import type { Actor } from "../accounts/audit_log.ts";
import {
  expirySentence,
  type Login,
  type LoginGuard,
} from "../accounts/login_guard.ts";

/** The context of authenticated requests. */
export interface UserEnv extends ApiEnv {
  Variables: {
    /** Name of the user. */
    readonly user: string;
    /** The key of the request. */
    readonly key: VerifiedKey;
  };
}

const CHALLENGE = {
  "WWW-Authenticate": 'Basic realm="Sallyport", charset="UTF-8"',
} as const;

/** Middleware that authenticates requests by user name and access key. */
export function authenticate(guard: LoginGuard): MiddlewareHandler<UserEnv> {
  return createMiddleware<UserEnv>(async function authenticate(context, next) {
    const { user, key } = await authenticateRequest(context, guard);
    context.set("user", user);
    context.set("key", key);
    await next();
  });
}

/** Checks that a key has one of these scopes, or `all`. @throws {Problem} 403. */
export function checkScope(
  { scope, name }: VerifiedKey,
  scopes: readonly KeyScope[],
): void {
  if (scope === "all" || scopes.includes(scope)) return;
  const needed = ["all", ...scopes].map((each) => `"${each}"`).join(" or ");
  throw new Problem(
    403,
    `Permission denied: key "${name}" has scope "${scope}", use a key of scope ${needed}`,
  );
}

/** The actor of a request, for the audit log. */
export function actorOf(
  { env, var: { user, key } }: Pick<Context<ApiEnv>, "env"> & {
    readonly var: UserEnv["Variables"];
  },
): Actor {
  return { user, key: key.name, address: env?.remoteAddress };
}

/** Seconds after which a peer may retry a login that was `busy`. */
const BUSY_RETRY = 5;

/** Authenticates a request by its Basic credentials. @throws {Problem} 401, 429, 503. */
export async function authenticateRequest(
  { req, env }: Pick<Context<ApiEnv>, "req" | "env">,
  guard: LoginGuard,
): Promise<UserEnv["Variables"]> {
  const credentials = parseBasicCredentials(req.header("authorization"));
  if (!credentials) {
    throw new Problem(
      401,
      "Authentication required: user name and access key, as Basic credentials",
      CHALLENGE,
    );
  }
  const login = await guard.check(
    credentials,
    env?.remoteAddress ?? "",
    req.raw.signal,
  );
  switch (login.outcome) {
    case "accepted":
      env?.admit?.();
      return { user: credentials.username, key: login.key };
    case "throttled":
      throw new Problem(
        429,
        "Cannot log in: too many failed attempts, wait a minute",
        {
          "Retry-After": String(FAILURE_WINDOW / 1000),
        },
      );
    case "busy":
      throw new Problem(
        503,
        `Cannot log in: the server is busy with other logins, try again in ${BUSY_RETRY} s`,
        { "Retry-After": String(BUSY_RETRY) },
      );
    case "refused":
      throw new Problem(401, `Cannot log in: ${refusalOf(login)}`, CHALLENGE);
    default:
      return login satisfies never;
  }
}

function refusalOf(login: Login): string {
  const expiry = expirySentence(login);
  if (expiry === undefined) return "user name or access key is wrong";
  return `${expiry.replace(/^A/, "a")}, create another one`;
}
