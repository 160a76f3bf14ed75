/** @module */
import assert from "node:assert/strict";
import { DialError } from "../../src/net/dial_error.ts";
import {
  parseUpstreamProxy,
  type UpstreamProxy,
} from "../../src/net/address/upstream_proxy.ts";
import type { PluginConnection } from "../../src/plugin/host/chain.ts";
import {
  resolveRoutes,
  type Route,
  withFailover,
} from "../../src/proxy/routes.ts";

const { signal } = new AbortController();

async function unused(): Promise<never> {
  return await Promise.reject(new Error("nothing is dialled here"));
}

/** The one way to a site through `proxy`. */
async function wayThrough(
  proxy: string,
  hostname: string,
  { secure }: { readonly secure: boolean },
): Promise<Route> {
  const find = resolveRoutes({
    direct: unused,
    directTo: () => unused,
    choose: () => Promise.resolve([parseUpstreamProxy(proxy)]),
    rules: { localhost: "deny", privateMetadata: false },
    credentials: () => undefined,
    reach: { dial: unused, option: "--proxy" },
    reachFrom: () => ({ dial: unused, option: "--proxy" }),
    plugins: undefined,
    isDenied: () => false,
  });
  const [way] = await find({ hostname, port: 8080, secure }, {
    id: "1",
    signal,
  }, "request");
  assert.ok(way);
  return way;
}

/** Whether requests for a.test and b.test may share a connection through `proxy`. */
async function isShared(proxy: string, secure: boolean): Promise<boolean> {
  const [a, b] = await Promise.all([
    wayThrough(proxy, "a.test", { secure }),
    wayThrough(proxy, "b.test", { secure }),
  ]);
  return a.key === b.key;
}

Deno.test("sites share connections only to a proxy that is sent requests whole", async () => {
  assert.equal(await isShared("http://proxy.test:3128", false), true);
  assert.equal(await isShared("https://proxy.test:3128", false), true);
  assert.equal(await isShared("http://proxy.test:3128", true), false);
  assert.equal(await isShared("https://proxy.test:3128", true), false);
  assert.equal(await isShared("socks5://proxy.test:1080", false), false);
});

const WAYS: readonly Route[] = ["first", "second", "third"].map((key) => ({
  key,
  connect: unused,
  viaProxy: undefined,
}));

/** The ways that are tried when the first two fail with `cause`. */
async function tried(cause: Error): Promise<readonly string[]> {
  const keys: string[] = [];
  const attempt = ({ key }: Route): Promise<string> => {
    keys.push(key);
    return key === "third" ? Promise.resolve(key) : Promise.reject(cause);
  };
  await withFailover(WAYS, attempt).catch((thrown) => {
    assert.equal(thrown, cause);
    keys.push("fails");
  });
  return keys;
}

Deno.test("withFailover() tries another route when one leads nowhere, and for nothing else", async () => {
  assert.deepEqual(await tried(new DialError("refused", "refused")), [
    "first",
    "second",
    "third",
  ]);
  assert.deepEqual(await tried(new DialError("aborted", "given up")), [
    "first",
    "fails",
  ]);
  assert.deepEqual(await tried(new TypeError("broken")), ["first", "fails"]);
});

Deno.test("withFailover() throws what the last way failed with", async () => {
  const attempt = ({ key }: Route): Promise<never> =>
    Promise.reject(new DialError("refused", key));

  await assert.rejects(withFailover(WAYS, attempt), { message: "third" });
});

/** The ways to http://a.test:80 where a plugin decides so, and what `choose` was asked about. */
async function waysWith(
  connection: PluginConnection,
  { addresses, choices = ["direct"] }: {
    readonly addresses?: readonly string[];
    readonly choices?: readonly (UpstreamProxy | "direct")[];
  } = {},
) {
  const asked: string[] = [];
  const find = resolveRoutes({
    direct: unused,
    directTo: () => unused,
    choose: ({ hostname, port }) => {
      asked.push(`${hostname}:${port}`);
      return Promise.resolve(choices);
    },
    rules: { localhost: "allow", privateMetadata: false },
    credentials: () => undefined,
    reach: { dial: unused, option: "--pac" },
    reachFrom: (plugin) => ({ dial: unused, option: `plugin "${plugin}"` }),
    plugins: {
      has: () => true,
      connect: () => Promise.resolve(connection),
      resolve: () => Promise.resolve(addresses),
    },
    isDenied: () => false,
  });
  const target = { hostname: "a.test", port: 80, secure: false };
  const ways = await find(target, { id: "1", signal }, "request");
  return { ways, asked };
}

const HERE = { hostname: "a.test", port: 80 };
const THERE = { hostname: "b.test", port: 81 };
const PROXY = parseUpstreamProxy("http://proxy.test:3128");

Deno.test("a plugin's choice comes before that of --proxy or --pac, which get the place that it chose", async () => {
  const chosen = { proxy: PROXY, plugin: "route" };

  const by = await waysWith({ place: HERE, chosen });
  const past = await waysWith({
    place: HERE,
    chosen: { proxy: "direct", plugin: "route" },
  });
  const moved = await waysWith({ place: THERE, chosen: undefined });

  assert.deepEqual([by.asked, past.asked, moved.asked], [[], [], [
    "b.test:81",
  ]]);
  assert.equal(by.ways[0]?.viaProxy?.option, 'plugin "route"');
  assert.equal(past.ways[0]?.viaProxy, undefined);
});

Deno.test("a request that leads elsewhere is not sent in absolute form, which names its site", async () => {
  const chosen = { proxy: PROXY, plugin: "route" };

  const { ways: [here] } = await waysWith({ place: HERE, chosen });
  const { ways: [there] } = await waysWith({ place: THERE, chosen });

  assert.notEqual(here?.viaProxy, undefined);
  assert.equal(there?.viaProxy, undefined);
});

Deno.test("ways share connections only with the same place, addresses and proxy", async () => {
  const all = await Promise.all([
    waysWith({ place: HERE, chosen: undefined }),
    waysWith({ place: THERE, chosen: undefined }),
    waysWith({ place: HERE, chosen: undefined }, { addresses: ["10.0.0.1"] }),
    waysWith({ place: HERE, chosen: undefined }, {
      addresses: ["10.0.0.1", "10.0.0.2"],
    }),
    waysWith({ place: HERE, chosen: undefined }, {
      addresses: ["10.0.0.2", "10.0.0.1"],
    }),
    waysWith({ place: HERE, chosen: { proxy: PROXY, plugin: "route" } }),
    waysWith({ place: THERE, chosen: { proxy: PROXY, plugin: "route" } }),
  ]);

  assert.equal(new Set(all.map(({ ways }) => ways[0]?.key)).size, all.length);
});
