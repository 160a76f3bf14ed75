/** The traffic inspector: records the exchanges of a handler, and shows them. */
import { Hono } from "hono";
import { Problem } from "../api/serving/problem.ts";
import type { ApiEnv } from "../api/serving/serve.ts";
import { systemClock } from "../async/clock.ts";
import type { EditWatch, Handler } from "../http/exchange.ts";
import type { OnPhase } from "../net/dial/dial_phases.ts";
import { assetRoutes } from "../web/assets.ts";
import { errorPages } from "../web/error_page.ts";
import { liveStreams } from "../web/live/live_streams.ts";
import type { ShellCommand } from "../web/components/shell_command.ts";
import { allowHosts } from "../web/security/allowed_hosts.ts";
import { refuseCrossSite } from "../web/security/cross_site.ts";
import { CsrfToken } from "../web/security/csrf_token.ts";
import { securityHeaders } from "../web/security/security_headers.ts";
import { exchangeRoutes } from "./pages/exchange_page.ts";
import {
  BASE,
  INSPECTOR_ASSETS,
  inspectorLayout,
  type InspectorParts,
} from "./pages/layout.ts";
import { exchangeListRoutes } from "./pages/list_page.ts";
import { replayRoutes } from "./pages/replay_page.ts";
import { ExchangeStore } from "./record/exchange_store.ts";
import { Recorder } from "./record/recorder.ts";
import { Replayer } from "./replay/replayer.ts";

/** How much the inspector keeps. */
export interface InspectorSettings {
  /** Bytes kept of each request body and each response body. Default 64 KiB. */
  readonly bodyLimit?: number;
  /** Bytes of all exchanges. The oldest are dropped. Default 64 MiB. */
  readonly memoryLimit?: number;
}

/** The settings, and what the inspector knows of its client. */
export interface InspectorOptions extends InspectorSettings {
  /** The client's version. */
  readonly version: string;
  /** Allowed values of `Host`, besides `localhost` and addresses. `undefined` allows all. */
  readonly hostNames: readonly string[] | undefined;
  /** A command that sends a first request through the tunnel, when it is known. */
  readonly example?: () => ShellCommand | undefined;
}

/** An inspector. Disposing it ends the running replays. */
export interface Inspector extends AsyncDisposable {
  /** The original handler, recorded. */
  readonly handler: Handler;
  /** The pages, to be served at `/inspector`. */
  readonly app: Hono<ApiEnv>;
  /** Who is to be notified of what plugins do to a recorded exchange. */
  readonly editsOf: (exchangeId: string) => EditWatch | undefined;
  /** Notes how long a step to the connection of an exchange took. */
  readonly phaseOf: OnPhase;
}

const DEFAULT_BODY_LIMIT = 64 * 1024;
const DEFAULT_MEMORY_LIMIT = 64 * 1024 * 1024;
/** Room in a replay form for URL and header fields, in bytes. */
const FORM_REST = 256 * 1024;
/** A form encodes a byte of the body as three characters at most. */
const FORM_FACTOR = 3;

/** Makes the inspector of a handler. */
export function createInspector(
  handler: Handler,
  {
    bodyLimit = DEFAULT_BODY_LIMIT,
    memoryLimit = DEFAULT_MEMORY_LIMIT,
    ...options
  }: InspectorOptions,
): Inspector {
  const store = new ExchangeStore({ memory: memoryLimit });
  const recorder = new Recorder(handler, { store, bodyLimit });
  const replayer = new Replayer(recorder);
  const formLimit = FORM_FACTOR * bodyLimit + FORM_REST;
  return {
    handler: recorder.handler,
    editsOf: (id) => store.find(id)?.watch,
    phaseOf: (id, phase, milliseconds) =>
      store.find(id)?.notePhase(phase, milliseconds),
    app: createPages(options, { store, replayer, formLimit }),
    [Symbol.asyncDispose]: () => replayer[Symbol.asyncDispose](),
  };
}

function createPages(
  { version, hostNames, example = () => undefined }: InspectorOptions,
  { store, ...parts }: Pick<
    InspectorParts,
    "store" | "replayer" | "formLimit"
  >,
): Hono<ApiEnv> {
  const app = new Hono<ApiEnv>();
  const back = { path: BASE, text: "Back to the traffic" };
  const layout = inspectorLayout(version);
  app.onError(errorPages({ layout, back }));
  app.use(securityHeaders(), refuseCrossSite());
  if (hostNames !== undefined) app.use(allowHosts(hostNames));
  const options: InspectorParts = {
    ...{ ...parts, store, version, layout, example },
    csrfToken: new CsrfToken(),
    stream: liveStreams({ changes: store.changes, clock: systemClock }),
  };
  app.route("/", assetRoutes(INSPECTOR_ASSETS));
  app.route("/", exchangeListRoutes(options));
  app.route("/", exchangeRoutes(options));
  app.route("/", replayRoutes(options));
  app.get("*", ({ req }) => {
    throw new Problem(404, `Cannot find "${req.path}": there is no such page`);
  });
  return app;
}
