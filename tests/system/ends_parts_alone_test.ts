/**
 * Promise: a part that ends takes nothing from others of its kind that run
 * beside it in the same program, and leaves nothing behind. Two of each are
 * started, and one is disposed while both are at work.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Handler } from "../../src/http/exchange.ts";
import { textBody } from "../../src/http/bytes_body.ts";
import { Fields } from "../../src/http/fields.ts";
import type { Http2Client, Http2ServerStream } from "../../src/http2/api.ts";
import { startHttp2Server } from "../../src/http2/server.ts";
import { Http2Connections } from "../../src/proxy/sites/http2_connections.ts";
import { startHttpServer } from "../../src/http_server/http_server.ts";
import { PacScript } from "../../src/pac/pac_script.ts";
import type { PermissionRule } from "../../src/plugin/api/permissions.ts";
import { startPlugins } from "../../src/plugin/host/plugins.ts";
import type { Server } from "../../src/server/server.ts";
import {
  connect,
  get as http2Get,
  readAll,
  startPair,
} from "../http2/pairs.ts";
import {
  answerText,
  contextOf,
  NEVER,
  requestOf,
  responseOf,
} from "../plugin/exchanges.ts";
import { tempPlugins } from "../plugin/temp_plugins.ts";
import { BrowserConnection, get } from "../testing/browser.ts";
import { within } from "../testing/deadline.ts";
import { LightClient } from "../testing/light_client.ts";
import { parseMetrics } from "../testing/metrics_text.ts";
import { startOrigin } from "../testing/origin.ts";
import {
  runningSystem,
  startTestClient,
  startTestServer,
} from "../testing/running_system.ts";
import { credentialsFor, USER } from "../testing/user.ts";

/** A part, which works until it is disposed. */
interface Part extends AsyncDisposable {
  /** Resolves with "whole" after `finish()`; not when the part has ended before. */
  readonly work: Promise<string>;
  finish(): void;
  /** Does something short. @throws When it does not work. */
  check(): Promise<void>;
}

/** What is below all parts of one kind. */
type Start = (stack: AsyncDisposableStack, number: number) => Promise<Part>;

/** Kind of part → how one of them is started, with work that has begun. */
const PARTS: Readonly<Record<string, () => Promise<Start> | Start>> = {
  "servers": () => startSystem,
  async "clients"() {
    const server = await startTestServer();
    return (stack, number) => {
      if (number === 0) stack.use(server);
      return startClient(server, stack, number);
    };
  },
  async "sessions"() {
    const server = await startTestServer();
    return (stack, number) => {
      if (number === 0) stack.use(server);
      return startSession(server, number);
    };
  },
  "HTTP servers": () => startPort,
  "HTTP/2 connections": () => () => startHttp2(startConnection),
  "pools of connections to sites": () => () => startHttp2(startPool),
  "PAC scripts": () => startPac,
  "plugins in the sandbox": () => (stack, number) =>
    startPluginHost(stack, number, []),
  "trusted plugins": () => (stack, number) =>
    startPluginHost(stack, number, [
      { plugin: undefined, permissions: "trusted" },
    ]),
};

for (const [kind, prepare] of Object.entries(PARTS)) {
  Deno.test(`one of two ${kind} ends while both are at work, and the other goes on`, async () => {
    await using stack = new AsyncDisposableStack();
    const start = await prepare();
    const ending = await start(stack, 0);
    const staying = stack.use(await start(stack, 1));
    const cut = ending.work.catch(() => "cut");

    await within(
      Promise.resolve(ending[Symbol.asyncDispose]()),
      "the one to end",
    );
    const outcome = await within(cut, "its work to be cut");
    await within(staying.check(), "the other one to work");
    staying.finish();
    const kept = await within(staying.work, "the other one's work to be done");

    assert.notEqual(outcome, "whole");
    assert.equal(kept, "whole");
  });
}

/** A server with a client, and a download through them. */
async function startSystem(stack: AsyncDisposableStack): Promise<Part> {
  const origin = stack.use(await startOrigin());
  const system = await runningSystem();
  const { proxy } = system;
  return {
    ...await beginDownload(origin.port, proxy, stack),
    finish: () => origin.release("x"),
    async check() {
      assert.equal((await get(`${origin.url}/bytes/5`, proxy)).status, 200);
    },
    [Symbol.asyncDispose]: () => system[Symbol.asyncDispose](),
  };
}

/** A client with metrics, and a download through it. */
async function startClient(
  server: Server,
  stack: AsyncDisposableStack,
  number: number,
): Promise<Part> {
  const origin = stack.use(await startOrigin());
  const tunnelName = `lab-${number}`;
  const client = await startTestClient(server, {
    tunnelName,
    apiAddress: { hostname: "127.0.0.1", port: 0 },
  });
  const { port } = server.proxyAddress;
  const proxy = { port, credentials: credentialsFor(tunnelName) };
  return {
    ...await beginDownload(origin.port, proxy, stack),
    finish: () => origin.release("x"),
    async check() {
      assert.equal((await get(`${origin.url}/bytes/5`, proxy)).status, 200);
      const answer = await fetch(`${client.apiUrl}metrics`);
      // The download is one: those of the other client are not among them.
      const requests = parseMetrics(await answer.text())
        .get("sallyport_http_requests_total")?.samples
        .reduce((sum, { value }) => sum + value, 0);
      assert.equal(requests, 2);
    },
    [Symbol.asyncDispose]: async () => await client[Symbol.asyncDispose](),
  };
}

/** A session, and a request that waits for its response. */
async function startSession(server: Server, number: number): Promise<Part> {
  const name = `lab-${number}`;
  const client = await LightClient.start(
    { url: server.url.slice(0, -1), caFile: server.ca?.file ?? "" },
    { user: USER, tunnel: { tunnel_identifier: name }, isHolding: true },
  );
  const { port } = server.proxyAddress;
  const ask = async () => {
    const credentials = credentialsFor(name);
    const { text } = await get("http://who.test/", { port, credentials });
    return text === client.tunnel.id ? "whole" : text;
  };
  const work = ask();
  await within(client.held(1), "the request to arrive");
  return {
    work,
    finish: () => client.release(),
    async check() {
      const asking = ask();
      await client.held(2);
      client.release();
      assert.equal(await asking, "whole");
    },
    [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
  };
}

/** A port, and a request that waits for its response. */
async function startPort(stack: AsyncDisposableStack): Promise<Part> {
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const arrived = Promise.withResolvers<void>();
  const handler: Handler = async (request, { signal }) => {
    if (request.kind === "request" && request.path === "/wait") {
      arrived.resolve();
      await Promise.race([released, aborted(signal)]);
    }
    const body = textBody("whole");
    const fields = new Fields(["Content-Length", `${body.length}`]);
    return { kind: "response", status: 200, fields, body };
  };
  const server = startHttpServer(
    Deno.listen({ hostname: "127.0.0.1", port: 0 }),
    {
      shutdownTimeout: 100,
      handlerOf(conn) {
        conn.admit();
        return { handler };
      },
    },
  );
  const ask = async (path: string) => {
    const browser = stack.use(
      await BrowserConnection.to({ port: server.address.port }, {
        base: "",
        authority: "a.test",
      }),
    );
    return await (await browser.exchange("GET", path)).text();
  };
  const work = ask("/wait");
  await within(arrived.promise, "the request to arrive");
  return {
    work,
    finish: release,
    check: async () => assert.equal(await ask("/"), "whole"),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

/** The end of HTTP/2 that asks, and what ends with it. */
interface Asker extends AsyncDisposable {
  readonly client: Http2Client;
}

/** Starts that end on a connection. */
type StartAsker = (
  onStream: (stream: Http2ServerStream) => Promise<void>,
) => Promise<Asker>;

function startConnection(
  onStream: (stream: Http2ServerStream) => Promise<void>,
): Promise<Asker> {
  return startPair(onStream);
}

/** A pool that has one connection to one site. */
async function startPool(
  onStream: (stream: Http2ServerStream) => Promise<void>,
): Promise<Asker> {
  const [near, far] = await connect("tcp");
  const site = startHttp2Server(far, {
    onStream(stream) {
      onStream(stream).catch(() => stream.close());
    },
  });
  const pool = new Http2Connections({ idleTimeout: 60_000 });
  const { client } = pool.add("a.test", near);
  return {
    client,
    async [Symbol.asyncDispose]() {
      await pool[Symbol.asyncDispose]();
      await site.done.catch(() => {});
    },
  };
}

/** A connection of HTTP/2, and a request that waits for its response. */
async function startHttp2(start: StartAsker): Promise<Part> {
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const arrived = Promise.withResolvers<void>();
  const asker = await start(async (stream) => {
    if (stream.fields.includes("/wait")) {
      arrived.resolve();
      await Promise.race([released, aborted(stream.signal)]);
    }
    await stream.respond([":status", "200"]);
    await stream.write(new TextEncoder().encode("whole"));
    await stream.closeWrite();
  });
  const ask = async (path: string) => {
    const stream = await asker.client.request(http2Get(path), {
      endStream: true,
    });
    return new TextDecoder().decode(await readAll(stream));
  };
  const work = ask("/wait");
  work.catch(() => {});
  await within(arrived.promise, "the request to arrive");
  return {
    work,
    finish: release,
    check: async () => assert.equal(await ask("/"), "whole"),
    [Symbol.asyncDispose]: () => asker[Symbol.asyncDispose](),
  };
}

/** A PAC script that waits for an address. */
async function startPac(): Promise<Part> {
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const arrived = Promise.withResolvers<void>();
  const script = await PacScript.load(
    `function FindProxyForURL(url, host) {
      dnsResolve(host);
      return "DIRECT";
    }`,
    {
      async resolve(host) {
        if (host === "wait.test") {
          arrived.resolve();
          await released;
        }
        return ["192.0.2.1"];
      },
    },
  );
  const ask = async (host: string) => {
    const found = await script.find(`http://${host}/`, NEVER);
    return found.join() === "direct" ? "whole" : found.join();
  };
  const work = ask("wait.test");
  work.catch(() => {});
  await within(arrived.promise, "the look-up");
  return {
    work,
    finish: release,
    check: async () => assert.equal(await ask("a.test"), "whole"),
    [Symbol.asyncDispose]() {
      script[Symbol.dispose]();
      // The look-up of what has ended is not kept waiting for.
      release();
      return Promise.resolve();
    },
  };
}

/** Plugins, and a request that waits for another one. */
async function startPluginHost(
  stack: AsyncDisposableStack,
  number: number,
  permissions: readonly PermissionRule[],
): Promise<Part> {
  const files = stack.use(
    await tempPlugins({
      "wait.js": `
        let release;
        let isWaiting;
        const waiting = new Promise((resolve) => isWaiting = resolve);
        export default {
          async request({ url }) {
            if (url.pathname === "/release") release("whole");
            if (url.pathname === "/waiting") await waiting;
            if (url.pathname !== "/wait") return new Response("whole");
            const text = new Promise((resolve) => release = resolve);
            isWaiting();
            return new Response(await text);
          },
        };`,
    }),
  );
  const plugins = await startPlugins({
    directories: [files.directory],
    permissions,
    // The first one waits so long for its hook when it ends.
    timeBudget: number === 0 ? 500 : 60_000,
    watch: false,
    metrics: {
      observe() {},
      setEnabled() {},
      setFailing() {},
      skipped() {},
      countSocketClosed() {},
    },
  });
  const handler = plugins.intercept(() => Promise.resolve(responseOf("site")));
  const ask = async (path: string) =>
    await answerText(
      await handler(requestOf(`http://a.test${path}`), contextOf()),
    );
  const work = ask("/wait");
  work.catch(() => {});
  await within(ask("/waiting"), "the plugin to wait");
  return {
    work,
    finish: () => void ask("/release").catch(() => {}),
    check: async () => assert.equal(await ask("/"), "whole"),
    [Symbol.asyncDispose]: () => plugins[Symbol.asyncDispose](),
  };
}

/** Begins a download, whose second line is "whole". */
async function beginDownload(
  port: number,
  proxy: { readonly port: number; readonly credentials?: string | undefined },
  stack: AsyncDisposableStack,
): Promise<Pick<Part, "work">> {
  const browser = stack.use(
    await BrowserConnection.open(proxy, { site: { port } }),
  );
  const answer = await browser.exchange("GET", "/hold-body/x");
  assert.equal(await answer.line(), "first\n");
  const work = answer.line().then((line) => line === "last\n" ? "whole" : line);
  work.catch(() => {});
  return { work };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) =>
    signal.addEventListener("abort", () => resolve(), { once: true })
  );
}
