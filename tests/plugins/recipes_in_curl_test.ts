/** What plugins are used for, each through server and client to a real curl. @module */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import type { PluginUse } from "../../src/plugin/api/plugin_use.ts";
import { concat, textOf } from "../testing/byte_scanner.ts";
import { needs } from "../testing/needs.ts";
import { startOrigin, startSite } from "../testing/origin.ts";
import type { OriginExchange } from "../testing/origin_exchange.ts";
import { temporaryDirectory } from "../system/programs.ts";
import { startRotation } from "../testing/rotation.ts";
import {
  type PluginSystem,
  startPluginSystem,
} from "../system/plugin_system.ts";
import { curl, type CurlReply } from "./curl.ts";

const CURL = needs("curl");

/** A recipe of the cookbook in a list of plugins. */
function recipe(name: string, use: Partial<PluginUse> = {}): PluginUse {
  const file = new URL(`../../plugins/cookbook/${name}.ts`, import.meta.url);
  return { use: fileURLToPath(file), ...use };
}

/** Starts a tunnel with these recipes, each in its sandbox. */
async function startRecipes(
  plugins: readonly PluginUse[],
  sources: Readonly<Record<string, string>> = {},
  trusted: readonly string[] = [],
): Promise<PluginSystem & { curl: Curl }> {
  const tunnel = await startPluginSystem(sources, {
    plugins: { plugins },
    trusted,
  });
  return { ...tunnel, curl: (...args) => curl(tunnel.system, ...args) };
}

type Curl = (url: string, ...args: string[]) => Promise<CurlReply>;

/** Says the request's line, some of its fields and its content. */
async function echo(exchange: OriginExchange): Promise<void> {
  const content = textOf(concat(await Array.fromAsync(exchange.content())));
  const fields = ["cookie", "accept-language", "x-country-code"]
    .map((name) => exchange.get(name) ?? "-");
  await exchange.answer(200, {
    body: [exchange.get("host"), ...fields, content].join("|"),
  });
}

Deno.test({
  ...CURL,
  name: "curl: a host leads to a local HTTPS site on another port",
  async fn() {
    await using site = await startOrigin("https", ["staging.test"]);
    const example = await Deno.readTextFile(
      new URL("../../plugins/rewrite_host.ts", import.meta.url),
    );
    const staging = `https://staging.test:${site.port}`;
    await using tunnel = await startRecipes(
      [],
      {
        "rewrite_host.ts": example.replace(
          /"http:\/\/staging[^"]*"/,
          () => JSON.stringify(staging),
        ),
      },
      [site.ca ?? ""],
    );

    const page = await tunnel.curl("http://shop.example/headers");

    assert.equal(page.status, 200);
    assert.match(page.text, /"X-Forwarded-Host","shop\.example"/);
    assert.match(page.text, RegExp(`"Host","staging\\.test:${site.port}"`));
  },
});

Deno.test({
  ...CURL,
  name:
    "curl: headers, mocks, jobs, names and ways, with eight recipes at once",
  async fn(t) {
    await using site = startSite(echo);
    await using canary = startSite((exchange) =>
      exchange.answer(200, { body: "canary" })
    );
    await using partner = startSite((exchange) =>
      exchange.answer(200, { body: `partner ${exchange.target}` })
    );
    await using tunnel = await startRecipes([
      recipe("block_hosts", { options: ["ads.test", "*.tracker.test"] }),
      recipe("flag_cookie", {
        match: { host: "flags.test" },
        options: { newCheckout: "on" },
      }),
      recipe("graphql_mock", {
        match: { host: "api.test" },
        options: { GetUser: { user: { name: "Ada" } } },
      }),
      recipe("geo_and_clock", {
        match: { host: "geo.test" },
        options: { jobs: { "tokyo-": { country: "JP", language: "ja-JP" } } },
      }),
      recipe("split_by_job", {
        options: {
          host: "shop.test",
          jobs: { "canary-": { hostname: "127.0.0.1", port: canary.port } },
        },
      }),
      recipe("proxy_per_host", {
        options: { "*.partner.test": `http://127.0.0.1:${partner.port}` },
      }),
      {
        use: fileURLToPath(
          new URL("../../plugins/pin_dns.ts", import.meta.url),
        ),
        options: {
          "old.example": ["127.0.0.1"],
          "*.wild.example": ["127.0.0.1"],
        },
      },
      recipe("throttle", {
        match: { host: "slow.test" },
        options: { bytesPerSecond: 400 },
      }),
    ]);
    const at = (host: string) => `http://${host}:${site.port}/graphql`;
    const job = (name: string) => ["--header", `X-Sallyport-Job: ${name}`];

    await t.step(
      "hosts of a list are refused, plain and by CONNECT",
      async () => {
        const plain = await tunnel.curl(at("a.tracker.test"));
        const secure = await tunnel.curl("https://ads.test/");
        assert.deepEqual([plain.exit, plain.status], [0, 403]);
        assert.match(plain.text, /this host is blocked in tests/);
        // curl says that its proxy refused the CONNECT.
        assert.deepEqual([secure.exit, secure.text], [56, ""]);
      },
    );
    await t.step("a flag is a cookie beside those of curl", async () => {
      const page = await tunnel.curl(at("flags.test"), "--cookie", "cart=2");
      assert.match(page.text, /\|cart=2; newCheckout=on\|/);
    });
    await t.step("a GraphQL operation is mocked by its content", async () => {
      const ask = (operation: string) =>
        tunnel.curl(
          at("api.test"),
          "--json",
          `{"operationName":"${operation}"}`,
        );
      const mocked = await ask("GetUser");
      assert.deepEqual(JSON.parse(mocked.text), {
        data: { user: { name: "Ada" } },
      });
      assert.match(
        (await ask("GetCart")).text,
        /\{"operationName":"GetCart"\}$/,
      );
    });
    await t.step("each job has its language and its site", async () => {
      const japan = await tunnel.curl(at("geo.test"), ...job("tokyo-1"));
      const other = await tunnel.curl(at("geo.test"), ...job("paris-1"));
      const split = await tunnel.curl(at("shop.test"), ...job("canary-1"));
      const stable = await tunnel.curl(at("shop.test"), ...job("stable-1"));
      assert.match(japan.text, /\|ja-JP\|JP\|/);
      assert.match(other.text, /\|-\|-\|/);
      assert.equal(split.text, "canary");
      assert.match(stable.text, /^shop\.test:/);
    });
    await t.step("a host goes through a proxy of its own", async () => {
      const { text } = await tunnel.curl(at("a.partner.test"));
      assert.equal(text, `partner ${at("a.partner.test")}`);
    });
    await t.step(
      "names that do not exist lead where a table says",
      async () => {
        assert.match(
          (await tunnel.curl(at("old.example"))).text,
          /^old\.example:/,
        );
        assert.match(
          (await tunnel.curl(at("x.wild.example"))).text,
          /^x\.wild\.example:/,
        );
      },
    );
    await t.step(
      "content takes the time of its rate, and is whole",
      async () => {
        const startedAt = performance.now();
        const content = "x".repeat(200);
        const { text } = await tunnel.curl(at("slow.test"), "--data", content);
        assert.ok(text.endsWith(`|${content}`));
        // Half a second by the rate. A timer may be a little early.
        assert.ok(performance.now() - startedAt > 400);
      },
    );
  },
});

Deno.test({
  ...CURL,
  name:
    "curl: failures, retries, logins, recordings and streams, with six recipes at once",
  async fn(t) {
    let tokens = 0;
    const seen: string[] = [];
    await using rotation = startRotation();
    await using site = startSite(async (exchange) => {
      await Array.fromAsync(exchange.content());
      seen.push(`${exchange.get("host")?.replace(/:.*/, "")} ${exchange.path}`);
      if (exchange.path === "/token") {
        const body = JSON.stringify({ access_token: `t${++tokens}` });
        return await exchange.answer(200, { body });
      }
      const isGood = exchange.path !== "/in" ||
        exchange.get("authorization") === `Bearer t${tokens}`;
      const isWell = exchange.path !== "/unwell" || seen.length % 3 === 0;
      await exchange.answer(isGood ? isWell ? 200 : 503 : 401, {
        body: isGood ? `www.shop.test ${seen.length}` : "out",
      });
    });
    await using folder = await temporaryDirectory();
    const har = `${folder.path}/shop.har`;
    const { port } = site;
    await using tunnel = await startRecipes([
      recipe("chaos", {
        name: "failing",
        match: { host: "failing.test" },
        options: { seed: 7, fail: 1 },
      }),
      recipe("chaos", {
        name: "resetting",
        match: { host: "resetting.test" },
        options: { seed: 7, reset: 1 },
      }),
      recipe("retry", {
        match: { host: "retry.test" },
        allow: { net: ["retry.test"] },
      }),
      recipe("oauth_refresh", {
        options: {
          ...{ host: "login.test", clientId: "tests", refreshToken: "r1" },
          tokenUrl: `http://tokens.test:${port}/token`,
        },
        allow: { net: [`login.test:${port}`, `tokens.test:${port}`] },
      }),
      recipe("dns_round_robin", {
        options: { "round.test": ["127.0.0.1", "127.0.0.2"] },
      }),
      recipe("stream_replace", {
        match: { host: "stream.test" },
        options: { find: "www.shop.test", replace: "local" },
      }),
      recipe("record_replay", {
        match: { host: "record.test" },
        options: { file: har, mode: "record" },
        allow: { read: [har], write: [har] },
      }),
    ]);
    const at = (host: string, path = "/") => `http://${host}:${port}${path}`;

    await t.step("all requests fail by a seed, or are reset", async () => {
      const failing = await tunnel.curl(at("failing.test"));
      const reset = await tunnel.curl(at("resetting.test"));
      assert.deepEqual([failing.exit, failing.status], [0, 503]);
      assert.ok([52, 56].includes(reset.exit), `exit ${reset.exit}`);
      assert.equal(reset.status, 0);
    });
    await t.step("a GET is sent again until the site is well", async () => {
      seen.length = 0;
      const { status } = await tunnel.curl(at("retry.test", "/unwell"));
      assert.equal(status, 200);
      assert.deepEqual(seen, Array(3).fill("retry.test /unwell"));
    });
    await t.step("a 401 is repeated with a new token", async () => {
      tokens = 5;
      const first = await tunnel.curl(at("login.test", "/in"));
      tokens = 9;
      const again = await tunnel.curl(at("login.test", "/in"), "--data", "a");
      assert.deepEqual([first.status, again.status], [200, 200]);
    });
    await t.step("one connection meets two machines in turn", async () => {
      const url = `http://round.test:${rotation.port}/`;
      const { text } = await tunnel.curl(url, url);
      const both = text.match(/127\.0\.0\.\d/g) ?? [];
      assert.deepEqual(both.toSorted(), ["127.0.0.1", "127.0.0.2"]);
    });
    await t.step("a text is replaced in a stream", async () => {
      const { text } = await tunnel.curl(at("stream.test"));
      assert.match(text, /^local \d+$/);
    });
    await t.step(
      "a recorded response comes again without its site",
      async () => {
        const recorded = await tunnel.curl(at("record.test", "/a"));
        // A recording is written when its plugin ends.
        await tunnel[Symbol.asyncDispose]();
        const asked = seen.length;
        await using replaying = await startRecipes([
          recipe("record_replay", {
            options: { file: har, mode: "replay" },
            allow: { read: [har], write: [har] },
          }),
        ]);
        const replayed = await replaying.curl(at("record.test", "/a"));
        const unknown = await replaying.curl(at("record.test", "/b"));
        assert.equal(replayed.status, 200);
        assert.equal(replayed.text, recorded.text);
        assert.equal(unknown.status, 404);
        assert.equal(seen.length, asked);
      },
    );
  },
});
