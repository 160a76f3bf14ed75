/**
 * One request through a plugin, without a tunnel and without a site: what
 * would happen to it.
 *
 * @module
 */
import { deadline } from "../../async/timer.ts";
import { textBody } from "../../http/bytes_body.ts";
import type {
  Body,
  PlainRequest,
  PlainResponse,
  ProxyRequest,
  ProxyResponse,
} from "../../http/exchange.ts";
import { Fields } from "../../http/fields.ts";
import type { Address } from "../../net/address/address.ts";
import { PluginError } from "../../plugin/api/errors.ts";
import type { ObservedCall } from "../../plugin/host/plugin_metrics.ts";
import {
  type Plugins,
  type PluginsOptions,
  startPlugins,
} from "../../plugin/host/plugins.ts";
import { originOf } from "../../proxy/origin.ts";

/** Which plugin, and which request. */
export interface Trial {
  /** What the plugin runs with. */
  readonly plugins: PluginsOptions;
  readonly method: string;
  /** `http:` or `https:`. */
  readonly url: URL;
  /** Names and values in turn. */
  readonly fields: readonly string[];
  readonly content: string | undefined;
}

/** A message as text that can be compared. */
export interface Told {
  /** `GET http://a.test/` or `200`. */
  readonly start: string;
  /** `Name: value`, each line of the header. */
  readonly lines: readonly string[];
  /** The beginning of the content, read as UTF-8. */
  readonly content: string;
}

/** Where a request leads. */
export interface Way {
  readonly target: Address;
  /** What `connect` hooks made of it. */
  readonly leadsTo: Address;
  /** What `resolve` hooks say. */
  readonly addresses: readonly string[] | undefined;
}

/** What happened; what is missing did not. */
export interface TrialReport {
  /** Name of the plugin. */
  readonly plugin: string;
  /** Hooks that were called, in order. */
  readonly calls: readonly ObservedCall[];
  /** Why the request got no answer. */
  readonly failure: PluginError | undefined;
  /** The request as it was given, and as the site would get it. */
  readonly asked: Told;
  readonly sent: Told | undefined;
  readonly way: Way | undefined;
  /** The answer as the site would give it, and as the browser would get it. */
  readonly sample: Told;
  readonly answer: Told | undefined;
}

/** What is read of content without an end: enough to see what it is, in bytes and milliseconds. */
const MAX_CONTENT = 65_536;
const MAX_TIME = 2_000;

/** What the site would say, if there were one. */
const SAMPLE_PAGE = "<!doctype html>\n<title>Sample</title>\n" +
  "<h1>What the site says</h1>\n";
const SAMPLE_FIELDS = [
  "Content-Type",
  "text/html; charset=utf-8",
  "Content-Length",
  String(SAMPLE_PAGE.length),
] as const;

const NEVER = new AbortController().signal;

/**
 * Loads the plugin and gives it one request.
 *
 * @throws {PluginError} When it cannot be loaded.
 */
export async function tryPlugin(trial: Trial): Promise<TrialReport> {
  const calls: ObservedCall[] = [];
  const course = new Course();
  await using plugins = await startPlugins({
    ...trial.plugins,
    watch: false,
    metrics: { observe: (call) => calls.push(call), setEnabled() {} },
  });
  const [plugin = ""] = plugins.names;
  const outcome = await course.run(trial, plugins);
  return {
    plugin,
    calls,
    asked: tellRequest(requestOf(trial), trial.content ?? ""),
    sample: tell("200", new Fields([...SAMPLE_FIELDS]), SAMPLE_PAGE),
    ...outcome,
  };
}

type Outcome = Pick<TrialReport, "failure" | "sent" | "way" | "answer">;

/** What is seen of the request on its way. */
class Course {
  #sent: Told | undefined;
  #way: Way | undefined;

  async run(trial: Trial, plugins: Plugins): Promise<Outcome> {
    const handler = plugins.intercept((request) =>
      this.#pretend(request, plugins)
    );
    const context = { id: "trial", signal: NEVER, inform() {} };
    try {
      const answer = await tellAnswer(await handler(requestOf(trial), context));
      return this.#outcome({ answer, failure: undefined });
    } catch (failure) {
      if (!(failure instanceof PluginError)) throw failure;
      return this.#outcome({ answer: undefined, failure });
    }
  }

  #outcome(end: Pick<Outcome, "answer" | "failure">): Outcome {
    return { sent: this.#sent, way: this.#way, ...end };
  }

  /** Stands where the site is reached. */
  async #pretend(
    request: ProxyRequest,
    plugins: Plugins,
  ): Promise<PlainResponse> {
    const body = request.kind === "request" ? request.body : undefined;
    this.#sent = tellRequest(request, await textOf(body));
    const { hostname, port } = originOf(request);
    const target = { hostname, port };
    const leadsTo = await plugins.connect(target, NEVER);
    const addresses = await plugins.resolve(leadsTo.hostname, NEVER);
    this.#way = { target, leadsTo, addresses };
    return {
      kind: "response",
      status: 200,
      fields: new Fields([...SAMPLE_FIELDS]),
      body: textBody(SAMPLE_PAGE),
    };
  }
}

function requestOf({ method, url, fields, content }: Trial): PlainRequest {
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

async function tellAnswer(response: ProxyResponse): Promise<Told> {
  const body = response.kind === "response" ? response.body : undefined;
  return tell(String(response.status), response.fields, await textOf(body));
}

function tellRequest(request: ProxyRequest, content: string): Told {
  const { method, authority, fields } = request;
  const place = request.kind === "connect"
    ? authority
    : `${request.scheme}://${authority}${request.path}`;
  return tell(`${method} ${place}`, fields, content);
}

function tell(start: string, fields: Fields, content: string): Told {
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
