/**
 * The inspector's pages, as an application below `/inspector`.
 *
 * @module
 */
import { type Context, Hono } from "hono";
import { isSameSecret } from "../api/basic_auth.ts";
import { Problem } from "../api/problem.ts";
import type { ApiEnv } from "../api/serve.ts";
import { type Clock, systemClock } from "../async/clock.ts";
import { assetRoutes } from "../web/assets.ts";
import { refuseCrossSite } from "../web/cross_site.ts";
import { readForm } from "../web/form.ts";
import { liveStreams } from "../web/live_streams.ts";
import { pageHeaders } from "../web/page_headers.ts";
import { pageProblem } from "../web/problem_page.ts";
import { type Markup, renderShell } from "../web/shell.ts";
import { INSPECTOR_ASSETS, INSPECTOR_STYLE } from "./assets.ts";
import {
  type ExchangeFilter,
  isWanted,
  readFilter,
} from "./exchange_filter.ts";
import { renderExchangeLive, renderExchangePage } from "./exchange_page.ts";
import type { ExchangeRecord } from "./exchange_record.ts";
import type { ExchangeStore } from "./exchange_store.ts";
import { renderExchanges } from "./exchange_table.ts";
import { harFile } from "./har_file.ts";
import { hostGuard } from "./host_guard.ts";
import { renderListPage } from "./list_page.ts";
import { BASE, pathOf } from "./paths.ts";
import { isReplayable } from "./replay_form.ts";
import { renderReplayPage } from "./replay_page.ts";
import { replayRequest } from "./replay_request.ts";
import type { Replayer } from "./replayer.ts";

/** What the pages are made of. */
export interface InspectorAppOptions {
  readonly store: ExchangeStore;
  readonly replayer: Replayer;
  /** The client's version. */
  readonly version: string;
  /** Host names that the pages answer under besides `localhost` and addresses; any when `undefined`. */
  readonly hostNames: readonly string[] | undefined;
  /** Longest form in bytes: a replay brings its content. */
  readonly formLimit: number;
  readonly clock?: Clock;
}

const EXCHANGE = "/exchanges/:id";
const HAR_TYPE = "application/json";

/** Makes the application. */
export function createInspectorApp(options: InspectorAppOptions): Hono<ApiEnv> {
  const { version, hostNames } = options;
  const app = new Hono<ApiEnv>();
  const back = { path: BASE, text: "Back to the traffic" };
  app.onError(pageProblem({ version, base: BASE, back }));
  app.use(pageHeaders(), refuseCrossSite());
  if (hostNames !== undefined) app.use(hostGuard(hostNames));
  app.route("/", assetRoutes(INSPECTOR_ASSETS));
  // Known to pages that were read from here, and to nobody else (CSRF).
  const formToken = crypto.randomUUID();
  app.route("/", listRoutes(options, formToken));
  app.route("/", exchangeRoutes(options));
  app.route("/", replayRoutes(options, formToken));
  return app;
}

/** The list, as a page, as events and as a file. */
function listRoutes(
  { store, version, clock = systemClock }: InspectorAppOptions,
  formToken: string,
): Hono<ApiEnv> {
  const app = new Hono<ApiEnv>();
  const stream = liveStreams({ changes: store.changes, clock });

  app.get("/", (context) => {
    const filter = filterOf(context);
    const main = renderListPage(listOf(filter), { filter, formToken });
    return context.html(framed("Traffic", main, version));
  });

  app.get("/events", (context) => {
    const filter = filterOf(context);
    return stream(context, () => listOf(filter));
  });

  app.get("/export.har", (context) => {
    const filter = filterOf(context);
    const records = store.all.filter((record) => isWanted(record, filter));
    return harReply(context, harFile(records, version));
  });

  app.post("/clear", async (context) => {
    checkToken(await readForm(context), formToken);
    store.clear();
    return context.redirect(BASE, 303);
  });

  return app;

  function listOf(filter: ExchangeFilter): Markup {
    return renderExchanges(store.all, { filter, size: store.size });
  }
}

/** One exchange, as a page, as events and as a file. */
function exchangeRoutes(
  { store, version, clock = systemClock }: InspectorAppOptions,
): Hono<ApiEnv> {
  const app = new Hono<ApiEnv>();
  const stream = liveStreams({ changes: store.changes, clock });

  app.get(EXCHANGE, (context) => {
    const record = recordOf(context, store);
    const main = renderExchangePage(record, renderExchangeLive(record));
    const title = `${record.request.method} ${record.request.authority}`;
    return context.html(framed(title, main, version));
  });

  app.get(`${EXCHANGE}/events`, (context) => {
    const record = recordOf(context, store);
    return stream(context, onceEnded(record), store.changesOf(record));
  });

  app.get(`${EXCHANGE}/export.har`, (context) => {
    const record = recordOf(context, store);
    return harReply(context, harFile([record], version));
  });

  return app;
}

/** The live part of an exchange: decoding its content again and again would find nothing new. */
function onceEnded(record: ExchangeRecord): () => Markup {
  let last: Markup | undefined;
  return () => {
    if (last !== undefined) return last;
    const markup = renderExchangeLive(record);
    if (record.end !== undefined) last = markup;
    return markup;
  };
}

/** Sending a request again. */
function replayRoutes(
  { store, replayer, version, formLimit }: InspectorAppOptions,
  formToken: string,
): Hono<ApiEnv> {
  const app = new Hono<ApiEnv>();

  app.get(`${EXCHANGE}/replay`, (context) => {
    const record = replayableOf(context, store);
    const main = renderReplayPage(record, formToken);
    return context.html(framed("Edit and resend", main, version));
  });

  app.post(`${EXCHANGE}/replay`, async (context) => {
    const record = replayableOf(context, store);
    const form = await readForm(context, formLimit);
    checkToken(form, formToken);
    const request = replayRequest(record, {
      method: form.get("method") ?? "",
      url: form.get("url") ?? "",
      fields: form.get("fields") ?? "",
      content: form.get("content") ?? "",
    });
    const id = replayer.start(request, record);
    return context.redirect(pathOf({ id }), 303);
  });

  return app;
}

function framed(title: string, main: Markup, version: string): Markup {
  return renderShell({
    title,
    main,
    version,
    base: BASE,
    head: INSPECTOR_STYLE,
  });
}

function filterOf({ req }: Context<ApiEnv>): ExchangeFilter {
  return readFilter(new URL(req.url).searchParams);
}

function recordOf(
  { req }: Context<ApiEnv>,
  store: ExchangeStore,
): ExchangeRecord {
  const record = store.find(req.param("id") ?? "");
  if (record !== undefined) return record;
  throw new Problem(
    404,
    "Cannot find the exchange: it is not kept any more, or never was",
  );
}

function replayableOf(
  context: Context<ApiEnv>,
  store: ExchangeStore,
): ExchangeRecord {
  const record = recordOf(context, store);
  if (isReplayable(record)) return record;
  throw new Problem(
    400,
    "Cannot send the request again: what flowed in it was not recorded",
  );
}

function checkToken(form: URLSearchParams, formToken: string): void {
  if (isSameSecret(form.get("token") ?? "", formToken)) return;
  throw new Problem(
    403,
    "Cannot accept the form: it was not made by this client, load the page " +
      "again",
  );
}

function harReply(
  context: Context<ApiEnv>,
  file: ReadableStream<Uint8Array<ArrayBuffer>>,
): Response {
  return context.body(file, 200, {
    "Content-Type": HAR_TYPE,
    "Content-Disposition": 'attachment; filename="sallyport.har"',
  });
}
