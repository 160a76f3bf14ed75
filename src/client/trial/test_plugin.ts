/** Tests of plugins: without a tunnel, a browser or a network. */
import {
  StreamedBody,
  webHandler,
  webStreamOf,
} from "../../api/serving/web_handler.ts";
import type {
  Handler,
  PlainRequest,
  ProxyResponse,
} from "../../http/exchange.ts";
import { Fields } from "../../http/fields.ts";
import type { PluginLogLine } from "../../plugin/host/load_plugin.ts";
import { startPlugins } from "../../plugin/host/plugins.ts";
import { programPlugin } from "../program/plugin_uses.ts";
import type { AnyPlugin } from "../program/tunnel_options.ts";
import {
  handshakeFor,
  openedSocket,
  TestSocketSites,
  type TestWebSocket,
  type TestWebSocketOptions,
} from "./test_socket.ts";
import { trialHandler, trialWay } from "./trial_handler.ts";

/** What surrounds a plugin in a test. */
export interface PluginTestOptions {
  /** Responds in place of all sites, also to `context.fetch`. By default with an HTML page. */
  readonly site?: (request: Request) => Response | Promise<Response>;
  /** The test job that requests belong to. Default: none. */
  readonly job?: string | undefined;
  /** The user that requests belong to. Default: none. */
  readonly user?: string | undefined;
  /** Options of the plugin, which its schema checks. */
  readonly options?: unknown;
}

/** A plugin that is set up. Disposing it ends it. */
export interface PluginTest extends AsyncDisposable {
  /**
   * Sends a request through the plugin, as a browser would through a tunnel.
   * Redirects are not followed.
   *
   * @throws {PluginError} When a hook fails, or refuses the connection. A browser would get an error page.
   */
  fetch(input: string | URL | Request, init?: RequestInit): Promise<Response>;
  /**
   * Opens a WebSocket through the plugin. Both of its ends are in the test.
   *
   * @throws {PluginError} When a hook fails, or refuses the connection.
   * @throws {TypeError} When the plugin has responded with something else than a WebSocket.
   */
  webSocket(
    url: string | URL,
    options?: TestWebSocketOptions,
  ): Promise<TestWebSocket>;
  /** What the plugin has logged: the newest 1,000 lines. */
  readonly log: readonly PluginLogLine[];
}

/** Lines that are kept. A test that reads more looks for something else. */
const MAX_LINES = 1_000;

/** What a plugin hears about the tunnel. */
const TUNNEL = {
  id: "0".repeat(32),
  name: "test",
  proxy: "127.0.0.1:8080",
  metadata: {},
} as const;

/** Statuses of responses that have no content (Fetch, "null body status"). */
const WITHOUT_CONTENT: ReadonlySet<number> = new Set([101, 204, 205, 304]);

/**
 * Loads a plugin for a test:
 *
 * ```ts
 * import { equal } from "node:assert/strict";
 * import { testPlugin } from "./test_plugin.ts";
 *
 * await using test = await testPlugin({
 *   match: { path: "/users" },
 *   request(_request, { job }) {
 *     if (job === "t1") return Response.json([{ name: "Ada" }]);
 *   },
 * }, { job: "t1", site: () => new Response("the site") });
 *
 * const users = await test.fetch("http://api.test/users");
 * equal(await users.text(), '[{"name":"Ada"}]');
 * const page = await test.fetch("http://api.test/");
 * equal(await page.text(), "the site");
 * ```
 *
 * It has its permissions, its options and its `match`, as in a client.
 *
 * @throws {PluginError} When it cannot be loaded or set up.
 */
export async function testPlugin(
  plugin: AnyPlugin,
  { site = samplePage, job, user, options }: PluginTestOptions = {},
): Promise<PluginTest> {
  const use = programPlugin(plugin, "plugin");
  const log: PluginLogLine[] = [];
  const siteHandler = webHandler({ fetch: site }, {});
  const plugins = await startPlugins({
    plugins: [options === undefined ? use : { ...use, options }],
    watch: false,
    way: trialWay(siteHandler),
    tunnel: () => ({ ...TUNNEL, user: user ?? "" }),
    onLog(line) {
      log.push(line);
      if (log.length > MAX_LINES) log.shift();
    },
  });
  const sockets = new TestSocketSites();
  const handler = trialHandler(
    plugins,
    (request, context) =>
      request.kind === "upgrade"
        ? sockets.handler(request, context)
        : siteHandler(request, context),
  );
  let requests = 0;
  const nextSender = () => {
    requests += 1;
    return { id: `test-${requests}`, job, user };
  };
  return {
    log,
    fetch: async (input, init) => {
      const request = new Request(input, init);
      return await send(request, { handler, sender: nextSender() });
    },
    async webSocket(url, options = {}) {
      const sender = nextSender();
      const { signal } = new AbortController();
      const context = { ...sender, signal, inform() {} };
      const handshake = handshakeFor(url, options);
      try {
        return openedSocket(await handler(handshake, context), sockets, sender);
      } finally {
        sockets.forget(sender);
      }
    },
    [Symbol.asyncDispose]: () => plugins[Symbol.asyncDispose](),
  };
}

function samplePage(): Response {
  return new Response("<!doctype html>\n<title>Sample</title>\n", {
    headers: { "Content-Type": "text/html; charset=utf-8" },
  });
}

async function send(
  request: Request,
  { handler, sender }: {
    readonly handler: Handler;
    readonly sender: {
      readonly id: string;
      readonly job: string | undefined;
      readonly user: string | undefined;
    };
  },
): Promise<Response> {
  const { signal } = request;
  const context = { ...sender, signal, inform() {} };
  return toWeb(await handler(fromWeb(request), context));
}

function fromWeb({ method, url, headers, body }: Request): PlainRequest {
  const { protocol, host, pathname, search } = new URL(url);
  if (protocol !== "http:" && protocol !== "https:") {
    throw new TypeError(
      `Cannot send a request to "${url}": expected http:// or https://`,
    );
  }
  const own = [...headers].filter(([name]) => name !== "host").flat();
  const length = headers.get("content-length");
  return {
    kind: "request",
    method,
    scheme: protocol === "https:" ? "https" : "http",
    authority: host,
    path: pathname + search,
    fields: new Fields(["Host", headers.get("host") ?? host, ...own]),
    body: body === null
      ? undefined
      : new StreamedBody(body, length === null ? undefined : Number(length)),
  };
}

function toWeb({ status, fields, ...response }: ProxyResponse): Response {
  const body = response.kind === "response" ? response.body : undefined;
  const headers = new Headers();
  for (const [name, value] of fields) headers.append(name, value);
  if (body === undefined || WITHOUT_CONTENT.has(status)) {
    body?.cancel();
    return new Response(null, { status, headers });
  }
  return new Response(webStreamOf(body), { status, headers });
}
