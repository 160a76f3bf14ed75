// Sends requests through a plugin, without a tunnel and without a site.
import { deadline } from "../../async/timer.ts";
import {
  trialHandler,
  type TrialStep,
  trialWay,
} from "../../client/trial/trial_handler.ts";
import { bytesBody, textBody } from "../../http/bytes_body.ts";
import type {
  Body,
  Handler,
  PlainRequest,
  PlainResponse,
  ProxyRequest,
  ProxyResponse,
} from "../../http/exchange.ts";
import { Fields } from "../../http/fields.ts";
import type { HarExchange } from "../../inspector/har/read_har.ts";
import { PluginError } from "../../plugin/api/errors.ts";
import type { ObservedCall } from "../../plugin/host/plugin_metrics.ts";
import {
  type Plugins,
  type PluginsOptions,
  startPlugins,
} from "../../plugin/host/plugins.ts";

/** A request, and what a site responds to it. */
export interface TestExchange extends Omit<HarExchange, "response"> {
  readonly job?: string | undefined;
  readonly user?: string | undefined;
  readonly response: TestResponse;
}

/** What a site responds. */
export interface TestResponse {
  readonly status: number;
  /** Names and values, alternating, without the length of the content. */
  readonly fields: readonly string[];
  readonly content: string | Uint8Array;
}

/** The response of a site, if nothing else is given: a page of HTML. */
export const SAMPLE_RESPONSE: TestResponse = {
  status: 200,
  fields: ["Content-Type", "text/html; charset=utf-8"],
  content: "<!doctype html>\n<title>Sample</title>\n" +
    "<h1>What the site says</h1>\n",
};

/** A message as text, for comparisons. */
export interface MessageText {
  /** `GET http://a.test/` or `200`. */
  readonly start: string;
  /** The header section: lines of `Name: value`. */
  readonly lines: readonly string[];
  /** The beginning of the content, decoded as UTF-8. */
  readonly content: string;
}

/** What happened. Fields are `undefined` for steps that did not happen. */
export interface PluginTestReport {
  /** The names of the plugins, in order. */
  readonly plugins: readonly string[];
  /** The hook calls, in order. */
  readonly calls: readonly ObservedCall[];
  /** Why there is no response. */
  readonly failure: PluginError | undefined;
  /** The original request. */
  readonly request: MessageText;
  /** The request that the site would receive. */
  readonly forwarded: MessageText | undefined;
  readonly connection: TrialStep | undefined;
  /** The response of the site. */
  readonly sample: MessageText;
  /** The response that the browser would receive. */
  readonly response: MessageText | undefined;
}

/** The bounds, in bytes and milliseconds, of reading content, which may be endless. */
const MAX_CONTENT = 65_536;
const MAX_TIME = 2_000;

const NEVER = new AbortController().signal;

/**
 * Loads plugins and sends requests through them, one after the other.
 *
 * @throws {PluginError} If one cannot be loaded.
 */
export async function runPluginTest(
  options: PluginsOptions,
  exchanges: readonly TestExchange[],
): Promise<readonly PluginTestReport[]> {
  let calls: ObservedCall[] = [];
  let [current] = exchanges;
  // `context.fetch` meets the same site.
  const site: Handler = (request) =>
    Promise.resolve(
      responseOf({
        method: request.method,
        response: current?.response ?? SAMPLE_RESPONSE,
      }),
    );
  await using plugins = await startPlugins({
    ...options,
    watch: false,
    way: trialWay(site),
    metrics: {
      observe: (call) => calls.push(call),
      setEnabled() {},
      setFailing() {},
      skipped() {},
      countSocketClosed() {},
    },
  });
  const { names } = plugins;
  const reports: PluginTestReport[] = [];
  for (const exchange of exchanges) {
    current = exchange;
    const outcome = await outcomeOf(exchange, plugins);
    reports.push({
      plugins: names,
      calls,
      request: describeRequest(requestOf(exchange), exchange.content ?? ""),
      sample: await describeResponse(responseOf(exchange)),
      ...outcome,
    });
    calls = [];
  }
  return reports;
}

type Outcome = Pick<
  PluginTestReport,
  "failure" | "forwarded" | "connection" | "response"
>;

async function outcomeOf(
  exchange: TestExchange,
  plugins: Plugins,
): Promise<Outcome> {
  let forwarded: MessageText | undefined;
  let connection: TrialStep | undefined;
  const site: Handler = async (request) => {
    const body = request.kind === "request" ? request.body : undefined;
    forwarded = describeRequest(request, await textOf(body));
    return responseOf(exchange);
  };
  const handler = trialHandler(plugins, site, (step) => connection = step);
  const { job, user } = exchange;
  const context = { id: "plugin-test", signal: NEVER, job, user, inform() {} };
  try {
    const response = await describeResponse(
      await handler(requestOf(exchange), context),
    );
    return { forwarded, connection, response, failure: undefined };
  } catch (failure) {
    if (!(failure instanceof PluginError)) throw failure;
    return { forwarded, connection, response: undefined, failure };
  }
}

/** The response of the site. It has no content where none is allowed. */
function responseOf(
  { method, response }: Pick<TestExchange, "method" | "response">,
): PlainResponse {
  const { status, fields, content } = response;
  const hasContent = method !== "HEAD" && status !== 204 && status !== 304;
  const body = hasContent ? bodyOf(content) : undefined;
  const length = body?.length === undefined
    ? []
    : ["Content-Length", String(body.length)];
  return {
    kind: "response",
    status,
    fields: new Fields([...fields, ...length]),
    body,
  };
}

function bodyOf(content: string | Uint8Array): Body {
  return typeof content === "string" ? textBody(content) : bytesBody(content);
}

function requestOf(
  { method, url, fields, content }: TestExchange,
): PlainRequest {
  const body = content === undefined ? undefined : textBody(content);
  const length = body?.length === undefined
    ? []
    : ["Content-Length", String(body.length)];
  return {
    kind: "request",
    method,
    scheme: url.protocol === "https:" ? "https" : "http",
    authority: url.host,
    path: url.pathname + url.search,
    fields: new Fields(["Host", url.host, ...fields, ...length]),
    body,
  };
}

async function describeResponse(response: ProxyResponse): Promise<MessageText> {
  const body = response.kind === "response" ? response.body : undefined;
  return describe(String(response.status), response.fields, await textOf(body));
}

function describeRequest(request: ProxyRequest, content: string): MessageText {
  const { method, authority, fields } = request;
  const target = request.kind === "connect"
    ? authority
    : `${request.scheme}://${authority}${request.path}`;
  return describe(`${method} ${target}`, fields, content);
}

function describe(start: string, fields: Fields, content: string): MessageText {
  const lines = Array.from(fields, ([name, value]) => `${name}: ${value}`);
  return { start, lines, content };
}

async function textOf(body: Body | undefined): Promise<string> {
  if (body === undefined) return "";
  const bytes = new Uint8Array(MAX_CONTENT);
  let length = 0;
  let isLate = false;
  try {
    await deadline(readAll(), MAX_TIME, () => isLate = true);
  } catch (thrown) {
    if (!isLate) throw thrown;
  }
  body.cancel();
  return new TextDecoder().decode(bytes.subarray(0, length));

  async function readAll(): Promise<void> {
    while (length < bytes.length && !isLate) {
      const count = await body?.read(bytes.subarray(length));
      if (count === null || count === undefined) return;
      length += count;
    }
  }
}
