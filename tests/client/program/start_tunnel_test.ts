import { deepEqual, equal, match, rejects, throws } from "node:assert/strict";
import { ClientError } from "../../../src/client/errors.ts";
import { startTunnel } from "../../../src/client/program/start_tunnel.ts";
import type {
  ProgramTunnel,
  TunnelProxy,
} from "../../../src/client/program/tunnel.ts";
import type { ProgramOptions } from "../../../src/client/program/tunnel_options.ts";
import { ConfigError } from "../../../src/config/errors.ts";
import { PluginError } from "../../../src/plugin/api/errors.ts";
import type { Plugin } from "../../../src/plugin/api/plugin.ts";
import type { Server } from "../../../src/server/server.ts";
import { tempPlugins } from "../../plugin/temp_plugins.ts";
import { get, open } from "../../testing/browser.ts";
import { within } from "../../testing/deadline.ts";
import { type Origin, startOrigin } from "../../testing/origin.ts";
import { startTestServer } from "../../testing/running_system.ts";
import { TUNNEL, USER } from "../../testing/user.ts";

/** A server, a tunnel to it that a program has started, and a site. */
interface World extends AsyncDisposable {
  readonly server: Server;
  readonly tunnel: ProgramTunnel;
  readonly origin: Origin;
  /** The text of the site's page, as a browser of this job gets it. */
  text(path?: string, job?: string): Promise<string>;
}

function optionsFor(server: Server): ProgramOptions {
  return {
    server: server.url,
    user: USER.name,
    accessKey: USER.key,
    name: TUNNEL,
    caCerts: server.ca === undefined ? [] : [server.ca.pem],
    tunnelConnections: 1,
    proxyLocalhost: "allow",
    hostOverride: ["*.test=127.0.0.1"],
  };
}

async function startWorld(
  options: Partial<ProgramOptions> = {},
): Promise<World> {
  await using stack = new AsyncDisposableStack();
  const origin = stack.use(await startOrigin());
  const server = stack.use(await startTestServer());
  const tunnel = stack.use(
    await within(
      startTunnel({ ...optionsFor(server), ...options }),
      "the tunnel",
    ),
  );
  const parts = stack.move();
  return {
    ...{ server, tunnel, origin },
    async text(path = "/", job) {
      const url = `http://origin.test:${origin.port}${path}`;
      return (await get(url, browserOf(tunnel.proxy({ job })))).text;
    },
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}

/** The settings as Playwright would use them. */
function browserOf({ server, username, password }: TunnelProxy) {
  const { hostname, port } = new URL(server);
  return {
    hostname,
    port: Number(port),
    credentials: `${username}:${password}`,
  };
}

const SITE = "sallyport test origin\n";

Deno.test("startTunnel() has plugins in order: objects of the program, and files", async () => {
  await using files = await tempPlugins({
    "file.js": `export default {
      match: { path: "/file" },
      request: (_, { options }) => new Response("file " + options.word),
    };`,
  });
  const seen: (string | undefined)[] = [];
  await using world = await startWorld({
    plugins: [
      {
        name: "watch",
        request: (_request, { job }) => void seen.push(job),
      },
      { use: files.path("file.js"), options: { word: "one" } },
      {
        use: { request: () => new Response("object") },
        match: { path: ["/file", "/object"] },
      },
    ],
  });

  equal(await world.text(), SITE);
  equal(await world.text("/file", "t1"), "file one");
  equal(await world.text("/object"), "object");
  deepEqual(seen, [undefined, "t1", undefined]);
});

Deno.test("use() adds a plugin before all others, the newest first, until it is disposed", async () => {
  await using world = await startWorld({
    plugins: [{ request: () => new Response("configured") }],
  });
  const { tunnel } = world;
  const seen = [await world.text()];
  {
    await using _first = await tunnel.use({
      request: () => new Response("first"),
    });
    seen.push(await world.text());
    {
      await using _second = await tunnel.use({
        match: { path: "/second" },
        request: () => new Response("second"),
      });
      seen.push(await world.text("/second"), await world.text());
    }
    seen.push(await world.text("/second"));
  }
  seen.push(await world.text());

  deepEqual(seen, [
    "configured",
    "first",
    "second",
    "first",
    "first",
    "configured",
  ]);
});

Deno.test("a plugin of one test edits what the site and the browser get", async () => {
  await using world = await startWorld();
  await using _edit = await world.tunnel.use({
    match: { path: "/headers", job: "t1" },
    request: ({ headers }) => headers.set("X-Added", "by a test"),
    async response(response) {
      response.body = `seen: ${await response.text()}`;
    },
  });

  match(await world.text("/headers", "t1"), /^seen: .*by a test/s);
  equal((await world.text("/headers", "t2")).includes("by a test"), false);
});

Deno.test("a request keeps the plugins that it began with, and the plugin ends after it", async () => {
  await using world = await startWorld();
  const began = Promise.withResolvers<void>();
  const go = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<void>();
  const mock = await world.tunnel.use({
    async request() {
      began.resolve();
      await go.promise;
      return new Response("mock");
    },
    [Symbol.asyncDispose]: () => ended.resolve(),
  });
  const early = world.text();
  await within(began.promise, "the hook");

  await within(
    Promise.resolve(mock[Symbol.asyncDispose]()),
    "the mock to be removed",
  );
  equal(await world.text(), SITE);
  go.resolve();

  equal(await early, "mock");
  await within(ended.promise, "the end of the plugin");
});

Deno.test("plugins that are added at once have names of their own, and give them back", async () => {
  await using world = await startWorld();
  const { tunnel } = world;
  const names: string[] = [];
  const mock = {
    setup: ({ name }: { readonly name: string }) => {
      names.push(name);
    },
  };

  const both = await Promise.all([tunnel.use(mock), tunnel.use({ ...mock })]);
  for (const each of both) await each[Symbol.asyncDispose]();
  await using _again = await tunnel.use(mock);

  deepEqual(names.toSorted(), ["added-1", "added-1", "added-2"]);
});

Deno.test("use() says what is wrong with a plugin, and changes nothing", async () => {
  await using world = await startWorld({
    plugins: [{ name: "shop", request: () => new Response("shop") }],
  });
  const { tunnel } = world;
  const wrong: object = { reqest() {} };
  const misspelt: object = { use: { request() {} }, mathc: {} };

  await rejects(tunnel.use(wrong), (error) => {
    return error instanceof PluginError &&
      /did you mean "request"/.test(error.message);
  });
  await rejects(tunnel.use(misspelt), (error) => {
    return error instanceof ConfigError &&
      /"mathc".*"match"/.test(error.message);
  });
  await rejects(tunnel.use({ name: "shop" }), { code: "notLoaded" });
  equal(await world.text(), "shop");
});

Deno.test("the proxy of a job is the one that Playwright takes", async () => {
  await using world = await startWorld();
  const { tunnel, server } = world;
  const { port } = server.proxyAddress;

  deepEqual(tunnel.proxy({ job: "t-1" }), {
    server: `http://127.0.0.1:${port}`,
    username: `${USER.name}+${TUNNEL};job=t-1`,
    password: USER.key,
  });
  equal(tunnel.proxy().username, `${USER.name}+${TUNNEL}`);
  for (const job of ["", "a b", "a:b", "x".repeat(129)]) {
    throws(() => tunnel.proxy({ job }), /name of a job/);
  }
});

Deno.test("a tunnel tells its states, how it is, and how it ended", async () => {
  await using world = await startWorld();
  const { tunnel } = world;
  equal(tunnel.state, "ready");
  equal(tunnel.name, TUNNEL);
  match(tunnel.id, /^[\da-f]{32}$/);
  await world.text();
  equal(tunnel.status().sessions, 1);
  equal(tunnel.status().answered >= 1, true);

  const events = Array.fromAsync(tunnel.events(), ({ state }) => state);
  await tunnel.stop({ reason: "tests are done" });

  deepEqual(await tunnel.closed, { reason: "tests are done" });
  deepEqual(await within(events, "the last event"), [
    "ready",
    "stopping",
    "stopped",
  ]);
  equal(tunnel.state, "stopped");
  deepEqual(await Array.fromAsync(tunnel.events()), [{ state: "stopped" }]);
});

Deno.test("closed says why the server ended a tunnel, and rejects never", async () => {
  await using world = await startWorld();
  await using _other = await startTunnel(optionsFor(world.server));

  const { reason, error } = await within(world.tunnel.closed, "the end");

  match(reason, /^The tunnel was replaced/);
  equal(error instanceof ClientError && error.code, "replaced");
});

Deno.test("stop() waits for jobs at most as long as its timeout", async () => {
  await using world = await startWorld();
  const { tunnel, origin } = world;
  const url = `http://origin.test:${origin.port}/hold-body/job`;
  using _job = await open(url, browserOf(tunnel.proxy({ job: "t1" })));

  await within(tunnel.stop({ timeout: 0 }), "the tunnel to stop");

  equal((await tunnel.closed).error, undefined);
  await rejects(tunnel.stop({ timeout: -1 }), ConfigError);
});

Deno.test("disposal ends a tunnel, and says so", async () => {
  await using world = await startWorld();
  await world.tunnel[Symbol.asyncDispose]();
  deepEqual(await world.tunnel.closed, { reason: "disposed" });
  await rejects(world.tunnel.use({}), { code: "stopped" });
});

Deno.test("startTunnel() tells all mistakes, and contacts nobody", async () => {
  await using server = await startTestServer();
  const options = {
    ...optionsFor(server),
    tunelConnections: 1,
    plugins: ["a.ts", 7, { use: "b.ts", alow: {}, timeout: 0 }, {
      use: "c.ts",
      allow: { nett: true },
    }, { use: {}, allow: { net: true } }],
  };
  await rejects(startTunnel(options as unknown as ProgramOptions), (error) => {
    if (!(error instanceof ConfigError)) throw error;
    deepEqual(error.message.split("\n"), [
      'Cannot use the option "tunelConnections": no such option, did you mean "tunnelConnections"?',
      "Cannot use plugins[1]: expected a plugin, a path, or an object with `use`",
      'Cannot use "alow" in plugins[2]: no such part, did you mean "allow"?',
      'Cannot use "nett" in plugins[3].allow: no such part, did you mean "net"?',
      "Cannot use plugins[4].allow: an object runs in this program with all its permissions, use the path of a file, or remove it",
    ]);
    return true;
  });
});

/** What a program writes is checked by the compiler, and plugins of any kind fit. */
async function _types(options: ProgramOptions): Promise<void> {
  const typed: Plugin<{ readonly code: number }, { at: number }> = {
    request(_request, { options, state }) {
      state.at = options.code;
    },
  };
  const own = {
    response(response, { options }) {
      response.status = options.status;
    },
  } satisfies Plugin<{ readonly status: number }>;
  await startTunnel({
    ...options,
    plugins: [
      typed,
      { use: own, options: { status: 503 }, match: { host: "a.test" } },
      {
        request: ({ url }, { job = "" }) => void url.searchParams.set("j", job),
      },
    ],
  });
  // @ts-expect-error: a misspelt hook
  await startTunnel({ ...options, plugins: [{ reqest() {} }] });
  // @ts-expect-error: a misspelt option
  await startTunnel({ ...options, tunelPool: true });
  // @ts-expect-error: a misspelt member
  await startTunnel({ ...options, plugins: [{ request: (r) => r.boddy }] });
}
