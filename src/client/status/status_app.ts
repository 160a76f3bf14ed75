/**
 * The client's status API: is it ready, what does it do, what does it count.
 */
import { type Context, Hono } from "hono";
import { FailureLimits } from "../../api/serving/failure_limits.ts";
import { Problem, problemResponse } from "../../api/serving/problem.ts";
import { requireCredentials } from "../../api/serving/require_credentials.ts";
import type { ApiEnv } from "../../api/serving/serve.ts";
import { scrapeReply } from "../../api/serving/scrape.ts";
import type { HttpLogMode } from "../../log/http_log.ts";
import type { BuildInfo, Registry } from "../../metrics/registry.ts";
import { logApi } from "../../api/serving/log_api.ts";
import { type HealthChecks, healthText } from "../../async/health_checks.ts";
import type { ChangeFeed } from "../../async/change_feed.ts";
import { systemClock } from "../../async/clock.ts";
import { assetRoutes } from "../../web/assets.ts";
import { refuseCrossSite } from "../../web/security/cross_site.ts";
import { allowHosts } from "../../web/security/allowed_hosts.ts";
import { liveStreams } from "../../web/live/live_streams.ts";
import { securityHeaders } from "../../web/security/security_headers.ts";
import { type ClientFacts, infoOf } from "./info.ts";
import type { ClientStatus } from "./status.ts";
import { statusDocument } from "./status_document.ts";
import {
  renderStatusLive,
  renderStatusPage,
  STATUS_FILES,
} from "./status_page.ts";

/** What the status API shows. */
export interface StatusAppOptions {
  readonly status: ClientStatus;
  readonly metrics: Registry;
  readonly build: BuildInfo;
  /** The configuration as text, secrets redacted. */
  readonly configz: string;
  /** The PAC that chooses the upstream proxies, if there is one. */
  readonly pac?: string | undefined;
  /** The pages of the traffic inspector, if there is one. */
  readonly inspector?: Hono<ApiEnv> | undefined;
  /** What the client needs besides its sessions. */
  readonly health?: Pick<HealthChecks, "failures">;
  /** What `/info` says besides the tunnel. */
  readonly facts?: ClientFacts;
  /** Required `user:password`; `undefined` for none. */
  readonly credentials: string | undefined;
  /** How much of every request is logged. Default: nothing. */
  readonly httpLog?: HttpLogMode;
  /** Allowed host names, besides addresses and `localhost`. Default: any. */
  readonly hostNames?: readonly string[] | undefined;
}

/** As Netscape named it. */
const PAC_TYPE = { "Content-Type": "application/x-ns-proxy-autoconfig" };

const PATHS = [
  "/readyz",
  "/healthz",
  "/info",
  "/version",
  "/configz",
  "/metrics",
  "/openapi.json",
];

/** Counts move all the time: the page looks again by the clock. */
const UNHEARD: ChangeFeed<never> = {
  subscribe: () => ({ [Symbol.dispose]() {} }),
};

/** Makes the status API. */
export function createStatusApp(
  {
    status,
    metrics,
    build,
    configz,
    pac,
    inspector,
    facts,
    health = { failures: new Map() },
    credentials,
    httpLog = "none",
    hostNames,
  }: StatusAppOptions,
): Hono<ApiEnv> {
  const app = guardedApp({ credentials, httpLog, hostNames });
  const paths = [
    ...PATHS,
    ...pac === undefined ? [] : ["/pac"],
    ...inspector === undefined ? [] : ["/inspector"],
  ];
  const { version } = build;
  app.use("/", securityHeaders());
  app.route(STATUS_FILES, assetRoutes());
  const live = liveStreams({ changes: UNHEARD, clock: systemClock });
  app.get(
    `${STATUS_FILES}/events`,
    (c) => live(c, () => renderStatusLive(infoOf(status, facts))),
  );
  app.get("/", (c) => {
    const info = infoOf(status, facts);
    return c.html(renderStatusPage({ info, version, paths }));
  });
  app.get(
    "/readyz",
    (c) => probeReply(c, { status, health, isFit: status.state === "ready" }),
  );
  app.get(
    "/healthz",
    (c) => probeReply(c, { status, health, isFit: status.isHealthy }),
  );
  app.get("/info", (c) => c.json(infoOf(status, facts)));
  app.get("/version", (c) => c.json(build));
  app.get("/configz", (c) => c.text(configz));
  app.get("/metrics", (c) => scrapeReply(c.req.raw, metrics));
  app.get("/openapi.json", (c) => {
    const { origin } = new URL(c.req.url);
    return c.json(statusDocument(version, origin));
  });
  if (pac !== undefined) app.get("/pac", (c) => c.body(pac, 200, PAC_TYPE));
  if (inspector !== undefined) app.route("/inspector", inspector);
  for (const path of ["/", ...PATHS]) app.all(path, refuseMethod);
  return app;
}

/** The status and the reason, in the words of Sauce Connect 5 and ours. */
function probeReply(
  context: Context,
  { status, health, isFit }: {
    readonly status: ClientStatus;
    readonly health: Pick<HealthChecks, "failures">;
    readonly isFit: boolean;
  },
): Response {
  const failures = new Map(health.failures);
  if (!isFit) failures.set("tunnel", status.state);
  if (failures.size === 0) return context.text("OK");
  return context.text(`Service Unavailable\n${healthText(failures)}`, 503);
}

/** All that a path can do is to be read. */
function refuseMethod({ req }: Context<ApiEnv>): never {
  throw new Problem(
    405,
    `Cannot ${req.method} "${req.path}": use GET`,
    { "Allow": "GET, HEAD" },
  );
}

/** What stands before every path. */
function guardedApp(
  { credentials, httpLog, hostNames }: {
    readonly credentials: string | undefined;
    readonly httpLog: HttpLogMode;
    readonly hostNames: readonly string[] | undefined;
  },
): Hono<ApiEnv> {
  const app = new Hono<ApiEnv>();
  if (httpLog !== "none") app.use(logApi(httpLog));
  app.use(async (c, next) => {
    await next();
    c.header("Cache-Control", "no-store");
    c.header("X-Content-Type-Options", "nosniff");
  });
  app.onError(problemResponse);
  app.use(refuseCrossSite());
  if (hostNames !== undefined) app.use(allowHosts(hostNames));
  if (credentials !== undefined) {
    app.use(requireCredentials(credentials, new FailureLimits()));
  }
  app.use(async (c, next) => {
    c.env?.admit?.();
    await next();
  });
  return app;
}
