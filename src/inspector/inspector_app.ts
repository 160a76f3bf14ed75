/**
 * The inspector's pages, as an application below `/inspector`.
 *
 * @module
 */
import { Hono } from "hono";
import { Problem } from "../api/serving/problem.ts";
import type { ApiEnv } from "../api/serving/serve.ts";
import { type Clock, systemClock } from "../async/clock.ts";
import { assetRoutes } from "../web/assets.ts";
import { refuseCrossSite } from "../web/cross_site.ts";
import { liveStreams } from "../web/live_streams.ts";
import { pageHeaders } from "../web/page_headers.ts";
import { pageProblem } from "../web/problem_page.ts";
import { INSPECTOR_ASSETS } from "./pages/assets.ts";
import { exchangeRoutes } from "./pages/exchange_routes.ts";
import type { ExchangeStore } from "./record/exchange_store.ts";
import { FormToken } from "./pages/csrf_token.ts";
import { frameOf } from "./pages/frame.ts";
import { hostGuard } from "../web/host_guard.ts";
import { listRoutes } from "./pages/list_routes.ts";
import { BASE } from "./pages/paths.ts";
import { replayRoutes } from "./pages/replay_routes.ts";
import type { Replayer } from "./replay/replayer.ts";

/** What the pages are made of. */
export interface InspectorAppOptions {
  readonly store: ExchangeStore;
  readonly replayer: Replayer;
  /** The client's version. */
  readonly version: string;
  /** Host names that the pages answer under besides `localhost` and addresses; any when `undefined`. */
  readonly hostNames: readonly string[] | undefined;
  /** A command that sends a first request through the tunnel, once it is known. */
  readonly example: () => string | undefined;
  /** Longest form in bytes: a replay brings its content. */
  readonly formLimit: number;
  readonly clock?: Clock;
}

/** Makes the application. */
export function createInspectorApp(
  { version, hostNames, clock = systemClock, ...parts }: InspectorAppOptions,
): Hono<ApiEnv> {
  const app = new Hono<ApiEnv>();
  const back = { path: BASE, text: "Back to the traffic" };
  const frame = frameOf(version);
  app.onError(pageProblem({ frame, back }));
  app.use(pageHeaders(), refuseCrossSite());
  if (hostNames !== undefined) app.use(hostGuard(hostNames));
  const options = {
    ...parts,
    version,
    formToken: new FormToken(),
    frame,
    stream: liveStreams({ changes: parts.store.changes, clock }),
  };
  app.route("/", assetRoutes(INSPECTOR_ASSETS));
  app.route("/", listRoutes(options));
  app.route("/", exchangeRoutes(options));
  app.route("/", replayRoutes(options));
  app.get("*", ({ req }) => {
    throw new Problem(404, `Cannot find "${req.path}": there is no such page`);
  });
  return app;
}
