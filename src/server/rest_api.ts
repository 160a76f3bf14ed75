/**
 * The REST API: starts, stops, lists and inspects tunnels, for the client and
 * for any other program. Paths and JSON are Sauce Connect's.
 *
 * @module
 */
import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { createMiddleware } from "hono/factory";
import { secureHeaders } from "hono/secure-headers";
import { Problem, problemResponse } from "../api/problem.ts";
import type { ApiEnv } from "../api/serve.ts";
import { updatesQuery, versionsQuery } from "../api/tunnel_queries.ts";
import { readQuery } from "../api/validate.ts";
import {
  authenticate,
  refuseCrossSite,
  type UserEnv,
} from "./authentication.ts";
import { browserCaRoute } from "./browser_ca.ts";
import { updatesFor, versionsFor } from "./client_advice.ts";
import { LoginGuard } from "./login_guard.ts";
import type { RestApiDependencies } from "./rest_dependencies.ts";
import { listRoutes } from "./rest_lists.ts";
import { clientRoutes, leaseRoutes, tunnelRoutes } from "./rest_tunnels.ts";

/** Where all paths of the API begin. */
export const REST_PATH = "/rest/v1";
/** Largest content of a request in bytes: five full lists of domains are the longest thing there is. */
const MAX_BODY_BYTES: number = 1024 * 1024;

export type { ProbeResult, RestApiDependencies } from "./rest_dependencies.ts";

/** The API as an application; all its paths begin with {@linkcode REST_PATH}. */
export function createRestApi(dependencies: RestApiDependencies): Hono<ApiEnv> {
  const {
    accounts,
    version,
    browserCaPem,
    guard = new LoginGuard(accounts),
  } = dependencies;
  const app = new Hono<UserEnv>();
  app.onError(problemResponse);
  app.use(responseHeaders());
  app.use(refuseCrossSite());
  app.use(bodyLimit({ maxSize: MAX_BODY_BYTES, onError: tooLarge }));

  app.get("/public/tunnels/info/versions", (context) => {
    const { client_version: client } = readQuery(context, versionsQuery);
    return context.json(versionsFor(client, version));
  });

  app.route("/", browserCaRoute(browserCaPem));

  app.use("/:user/*", authenticate(guard), ownOnly());
  app.get("/:user/tunnels/info/updates", (context) => {
    const { client_version: client } = readQuery(context, updatesQuery);
    const restUrl = new URL(REST_PATH, context.req.url).href;
    return context.json(
      updatesFor(client, { serverVersion: version, restUrl }),
    );
  });
  app.route("/", listRoutes(dependencies));
  app.route("/", tunnelRoutes(dependencies));
  app.route("/", leaseRoutes(dependencies));
  app.route("/", clientRoutes(dependencies));
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
    // A server with a certificate of its own making must not bind the whole
    // host name, "localhost" above all, to HTTPS.
    strictTransportSecurity: false,
  });
  return createMiddleware(async function responseHeaders(context, next) {
    await secure(context, next);
    context.header("Cache-Control", "no-store");
  });
}

/** Users act on what is theirs; of others they learn nothing. */
function ownOnly(): ReturnType<typeof authenticate> {
  return createMiddleware<UserEnv>(async function ownOnly(context, next) {
    const named = context.req.param("user");
    if (named !== context.get("user")) {
      throw new Problem(404, `Cannot find user "${named}": you are another`);
    }
    await next();
  });
}

function tooLarge(): never {
  throw new Problem(
    413,
    `Cannot read the content: it is larger than ${MAX_BODY_BYTES} bytes`,
  );
}
