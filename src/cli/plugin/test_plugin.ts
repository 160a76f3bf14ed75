// Sends one request through a plugin, without a tunnel and without a site.
import { deadline } from "../../async/timer.ts";
import { textBody } from "../../http/bytes_body.ts";
import type {
  Body,
  ExchangeContext,
  PlainRequest,
  PlainResponse,
  ProxyRequest,
  ProxyResponse,
} from "../../http/exchange.ts";
import { Fields } from "../../http/fields.ts";
import type { Address } from "../../net/address/address.ts";
import { PluginError } from "../../plugin/api/errors.ts";
import type { PluginConnection } from "../../plugin/host/chain.ts";
import type { ObservedCall } from "../../plugin/host/plugin_metrics.ts";
import {
  type Plugins,
  type PluginsOptions,
  startPlugins,
} from "../../plugin/host/plugins.ts";
import { originOf } from "../../proxy/origin.ts";

/** A plugin, and a request for it. */
export interface PluginTest {
  /** The plugin, with its options and permissions. */
  readonly plugins: PluginsOptions;
  readonly method: string;
  /** `http:` or `https:`. */
  readonly url: URL;
  /** Names and values, alternating. */
  readonly fields: readonly string[];
  readonly content: string | undefined;
}

/** A message as text, for comparisons. */
export interface MessageText {
  /** `GET http://a.test/` or `200`. */
  readonly start: string;
  /** The header section: lines of `Name: value`. */
  readonly lines: readonly string[];
  /** The beginning of the content, decoded as UTF-8. */
  readonly content: string;
}

/** The connection for a request. */
export interface TestConnection {
  readonly target: Address;
  /** What the `connect` hooks made of it. */
  readonly redirectedTo: PluginConnection;
  /** The result of the `resolve` hooks. */
  readonly addresses: readonly string[] | undefined;
}

/** What happened. Fields are `undefined` for steps that did not happen. */
export interface PluginTestReport {
  /** The name of the plugin. */
  readonly plugin: string;
  /** The hook calls, in order. */
  readonly calls: readonly ObservedCall[];
  /** Why there is no response. */
  readonly failure: PluginError | undefined;
  /** The original request. */
  readonly request: MessageText;
  /** The request that the site would receive. */
  readonly forwarded: MessageText | undefined;
  readonly connection: TestConnection | undefined;
  /** The response of the sample site. */
  readonly sample: MessageText;
  /** The response that the browser would receive. */
  readonly response: MessageText | undefined;
}

/** The bounds, in bytes and milliseconds, of reading content, which may be endless. */
const MAX_CONTENT = 65_536;
const MAX_TIME = 2_000;

/** The response in place of a site. */
const SAMPLE_PAGE = "<!doctype html>\n<title>Sample</title>\n" +
  "<h1>What the site says</h1>\n";
const SAMPLE_FIELDS = [
  "Content-Type",
  "text/html; charset=utf-8",
  "Content-Length",
  String(SAMPLE_PAGE.length),
] as const;

const CONTEXT: ExchangeContext = {
  id: "plugin-test",
  signal: new AbortController().signal,
  inform() {},
};

/**
 * Loads the plugin and sends one request through it.
 *
 * @throws {PluginError} If it cannot be loaded.
 */
export async function testPlugin(test: PluginTest): Promise<PluginTestReport> {
  const calls: ObservedCall[] = [];
  const run = new TestRun();
  await using plugins = await startPlugins({
    ...test.plugins,
    watch: false,
    metrics: {
      observe: (call) => calls.push(call),
      setEnabled() {},
      countSocketClosed() {},
    },
  });
  const [plugin = ""] = plugins.names;
  const outcome = await run.execute(test, plugins);
  return {
    plugin,
    calls,
    request: describeRequest(requestOf(test), test.content ?? ""),
    sample: describe("200", new Fields([...SAMPLE_FIELDS]), SAMPLE_PAGE),
    ...outcome,
  };
}

type Outcome = Pick<
  PluginTestReport,
  "failure" | "forwarded" | "connection" | "response"
>;

/** Records the request between the plugin and the site. */
class TestRun {
  #forwarded: MessageText | undefined;
  #connection: TestConnection | undefined;

  async execute(test: PluginTest, plugins: Plugins): Promise<Outcome> {
    const handler = plugins.intercept((request) =>
      this.#respond(request, plugins)
    );
    try {
      const response = await describeResponse(
        await handler(requestOf(test), CONTEXT),
      );
      return this.#outcome({ response, failure: undefined });
    } catch (failure) {
      if (!(failure instanceof PluginError)) throw failure;
      return this.#outcome({ response: undefined, failure });
    }
  }

  #outcome(end: Pick<Outcome, "response" | "failure">): Outcome {
    return {
      forwarded: this.#forwarded,
      connection: this.#connection,
      ...end,
    };
  }

  /** Responds in place of the site. */
  async #respond(
    request: ProxyRequest,
    plugins: Plugins,
  ): Promise<PlainResponse> {
    const body = request.kind === "request" ? request.body : undefined;
    this.#forwarded = describeRequest(request, await textOf(body));
    const { hostname, port } = originOf(request);
    const target = { hostname, port, kind: "request" } as const;
    const redirectedTo = await plugins.connect(target, CONTEXT);
    const addresses = await plugins.resolve(
      redirectedTo.place.hostname,
      CONTEXT,
    );
    this.#connection = { target, redirectedTo, addresses };
    return {
      kind: "response",
      status: 200,
      fields: new Fields([...SAMPLE_FIELDS]),
      body: textBody(SAMPLE_PAGE),
    };
  }
}

function requestOf({ method, url, fields, content }: PluginTest): PlainRequest {
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
