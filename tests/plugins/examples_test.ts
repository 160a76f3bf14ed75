/* The example plugins do what they say. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import type { ProxyResponse } from "../../src/http/exchange.ts";
import { type Plugins, startPlugins } from "../../src/plugin/host/plugins.ts";
import { answerText, contextOf, echo, requestOf } from "../plugin/exchanges.ts";
import { recordLog } from "../testing/event_log.ts";
import { TRUSTED } from "../plugin/started.ts";

const FOLDER = fileURLToPath(new URL("../../plugins", import.meta.url));

async function example(name: string, options: unknown = {}): Promise<Plugins> {
  return await startPlugins({
    plugins: [{ use: `${FOLDER}/${name}.ts`, options }],
    permissions: TRUSTED,
    watch: false,
  });
}

async function ask(
  plugins: Plugins,
  url: string,
  fields: readonly string[] = [],
): Promise<ProxyResponse> {
  const request = requestOf(url, { fields });
  return await plugins.intercept(echo)(request, contextOf());
}

Deno.test("all examples can be loaded together, and leave other hosts alone", async () => {
  await using plugins = await startPlugins({
    directories: [FOLDER],
    permissions: TRUSTED,
    watch: false,
  });

  const answer = await answerText(await ask(plugins, "http://other.test/"));

  assert.deepEqual(plugins.names, [
    "add_header",
    "basic_auth",
    "mock_response",
    "pin_dns",
    "rewrite_host",
    "slow_requests",
  ]);
  assert.equal(answer, "GET http://other.test/\nX-Test-Run: nightly");
  assert.equal(await plugins.resolve("other.test", contextOf()), undefined);
});

Deno.test("add_header marks requests", async () => {
  await using plugins = await example("add_header");

  assert.equal(
    await answerText(await ask(plugins, "http://a.test/")),
    "GET http://a.test/\nX-Test-Run: nightly",
  );
});

Deno.test("rewrite_host sends one site's requests to another", async () => {
  await using plugins = await example("rewrite_host");

  const answer = await ask(plugins, "https://shop.example/a?b=c", [
    "Host",
    "shop.example",
  ]);

  assert.equal(
    await answerText(answer),
    "GET http://staging.example:8080/a?b=c\n" +
      "Host: staging.example:8080\nX-Forwarded-Host: shop.example",
  );
});

Deno.test("pin_dns gives names the addresses of the configuration", async () => {
  await using plugins = await example("pin_dns", {
    "shop.example": ["10.1.2.3"],
    "*.shop.example": ["10.1.2.4", "::1"],
  });

  assert.deepEqual(await plugins.resolve("shop.example", contextOf()), [
    "10.1.2.3",
  ]);
  assert.deepEqual(await plugins.resolve("a.shop.example", contextOf()), [
    "10.1.2.4",
    "::1",
  ]);
  assert.equal(
    await plugins.resolve("b.a.shop.example", contextOf()),
    undefined,
  );
});

Deno.test("pin_dns says what is wrong with its options", async () => {
  await assert.rejects(example("pin_dns", { a: "10.1.2.3" }), {
    message:
      /^Cannot run hook "setup" of plugin "pin_dns": "a" has no list of addresses \(pin_dns\.ts:\d+:\d+\)$/,
  });
});

Deno.test("mock_response responds in place of an API, and marks it", async () => {
  await using plugins = await example("mock_response");

  const all = await ask(plugins, "http://api.example/users");
  const one = await ask(plugins, "http://api.example/users/2");
  const none = await ask(plugins, "http://api.example/users/3");

  assert.deepEqual(JSON.parse(await answerText(all)).length, 2);
  assert.deepEqual(JSON.parse(await answerText(one)), { id: 2, name: "Grace" });
  assert.equal(one.fields.get("x-mocked"), "yes");
  assert.equal(none.status, 404);
  assert.equal(await answerText(none), "No such user");
});

Deno.test("slow_requests makes one host wait, and tells at the end", async () => {
  await using log = await recordLog();
  await using plugins = await example("slow_requests", {
    host: "slow.test",
    milliseconds: 100,
  });
  const startedAt = performance.now();

  const slow = await ask(plugins, "http://slow.test/");
  const waited = performance.now() - startedAt;
  const fast = await ask(plugins, "http://fast.test/");
  await plugins[Symbol.asyncDispose]();

  assert.ok(waited >= 99, `${waited} ms`);
  assert.ok(slow.fields.has("server-timing"));
  assert.ok(!fast.fields.has("server-timing"));
  const delays = log.matching("requests were delayed", { delayed: 1 });
  assert.equal(delays.length, 1);
});

Deno.test("basic_auth logs in where nobody has", async () => {
  await using log = await recordLog();
  await using plugins = await example("basic_auth", {
    "staging.test": { user: "tester", password: "öpen" },
  });

  const url = "https://staging.test/";
  const added = await answerText(await ask(plugins, url));
  const kept = await answerText(
    await ask(plugins, url, ["authorization", "x"]),
  );

  assert.equal(
    added,
    `GET ${url}\nAuthorization: Basic dGVzdGVyOsO2cGVu`,
  );
  assert.equal(kept, `GET ${url}\nauthorization: x`);
  assert.doesNotMatch(JSON.stringify(log.all), /öpen|dGVzd/);
});
