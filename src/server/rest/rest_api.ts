/**
 * The REST API: starts, stops, lists and inspects tunnels, for the client and
 * for other programs. Paths and JSON are those of Sauce Connect.
 */
import { REST_PATH } from "../../api/operations/operation.ts";
import { Hono, type MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import { createMiddleware } from "hono/factory";
import { matchedRoutes } from "hono/route";
import { secureHeaders } from "hono/secure-headers";
import { Problem, problemResponse } from "../../api/serving/problem.ts";
import {
  MAX_BODY_BYTES,
  OPERATIONS,
} from "../../api/document/rest_document.ts";
import type { ApiEnv } from "../../api/serving/serve.ts";
import { refuseCrossSite } from "../../web/security/cross_site.ts";
import { authenticate, type UserEnv } from "./authentication.ts";
import { LoginGuard } from "../accounts/login_guard.ts";
import { limitAddresses, limitUsers, requestLimits } from "./request_limits.ts";
import { accountRoutes } from "./accounts.ts";
import { clientRoutes } from "./clients.ts";
import type { RestApiDependencies } from "./dependencies.ts";
import { invitationRoutes } from "./invitations.ts";
import { jobRoutes } from "./jobs.ts";
import { keyRoutes } from "./keys.ts";
import { listRoutes } from "./lists.ts";
import { publicRoutes } from "./public.ts";
import { operationIdOf, refuseOtherMethods } from "./route.ts";
import { bulkStopRoutes, tunnelRoutes } from "./tunnels.ts";

export type { RestApiDependencies } from "./dependencies.ts";

/** The API as an application under {@linkcode REST_PATH}. */
export function createRestApi(dependencies: RestApiDependencies): Hono<ApiEnv> {
  const {
    accounts,
    guard = new LoginGuard(accounts),
    limits = requestLimits(),
  } = dependencies;
  const app = new Hono<UserEnv>();
  app.onError(problemResponse);
  if (dependencies.onRequest) app.use(countRequests(dependencies.onRequest));
  app.use(responseHeaders(), limitAddresses(limits.addresses));
  app.use(refuseCrossSite());
  app.route("/", publicRoutes(dependencies));
  refuseOtherMethods(app, OPERATIONS.filter(({ isPublic }) => isPublic));
  app.use(
    "/:user/*",
    authenticate(guard),
    limitUsers(limits.users),
    requireOwnPath(),
  );
  // It reads bodies of unknown length, so it comes after the login.
  app.use(bodyLimit({ maxSize: MAX_BODY_BYTES, onError: tooLarge }));
  app.route("/", clientRoutes(dependencies));
  app.route("/", listRoutes(dependencies));
  app.route("/", tunnelRoutes(dependencies));
  app.route("/", jobRoutes(dependencies));
  app.route("/", bulkStopRoutes(dependencies));
  app.route("/", keyRoutes(dependencies));
  app.route("/", accountRoutes(dependencies));
  app.route("/", invitationRoutes(dependencies));
  refuseOtherMethods(app, OPERATIONS.filter(({ isPublic }) => !isPublic));
  app.all("/*", ({ req }) => {
    throw new Problem(404, `Cannot ${req.method} "${req.path}": no such path`);
  });
  return new Hono<ApiEnv>().route(REST_PATH, app);
}

function responseHeaders(): ReturnType<typeof secureHeaders> {
  const secure = secureHeaders({
    contentSecurityPolicy: {
      defaultSrc: ["'none'"],
      frameAncestors: ["'none'"],
    },
    // A server with a self-signed certificate must not bind the whole host
    // name, such as "localhost", to HTTPS.
    strictTransportSecurity: false,
  });
  return createMiddleware(async function responseHeaders(context, next) {
    await secure(context, next);
    context.header("Cache-Control", "no-store");
  });
}

/** Counts requests, also those that are refused before they reach their operation. */
function countRequests(
  count: NonNullable<RestApiDependencies["onRequest"]>,
): MiddlewareHandler<UserEnv> {
  return createMiddleware<UserEnv>(
    async function countRequests(context, next) {
      await next();
      const ids = matchedRoutes(context).map(operationIdOf);
      count(ids.find((id) => id !== undefined), context.res.status);
    },
  );
}

/** Rejects paths of other users. */
function requireOwnPath(): ReturnType<typeof authenticate> {
  return createMiddleware<UserEnv>(
    async function requireOwnPath(context, next) {
      const user = context.req.param("user");
      if (user !== context.get("user")) {
        throw new Problem(
          404,
          `Cannot find user "${user}": use the path of your own user name`,
        );
      }
      await next();
    },
  );
}

function tooLarge(): never {
  throw new Problem(
    413,
    `Request body too large: the limit is ${MAX_BODY_BYTES} bytes`,
  );
}
