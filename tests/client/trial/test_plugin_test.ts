import { deepEqual, equal, match, rejects } from "node:assert/strict";
import {
  type PluginTestOptions,
  testPlugin,
} from "../../../src/client/trial/test_plugin.ts";
import { tempPlugins } from "../../plugin/temp_plugins.ts";

/** What the site got: method, path, fields and content. */
const ECHO: PluginTestOptions["site"] = async (request) => {
  const { method, url, headers } = request;
  const { host, pathname, search } = new URL(url);
  return Response.json({
    line: `${method} ${host}${pathname}${search}`,
    test: headers.get("x-test"),
    content: await request.text(),
  }, { status: 201, headers: { "X-Site": "yes" } });
};

Deno.test("testPlugin() sends requests through a plugin to the site of the test", async () => {
  const test = await testPlugin({}, { site: ECHO });
  await using _ended = test;

  const response = await test.fetch("https://a.test/b?c=d", {
    method: "POST",
    headers: { "X-Test": "1" },
    body: "content",
  });

  equal(response.status, 201);
  equal(response.headers.get("x-site"), "yes");
  deepEqual(await response.json(), {
    line: "POST a.test/b?c=d",
    test: "1",
    content: "content",
  });
});

Deno.test("testPlugin() has match, job, user, options and log as in a client", async () => {
  await using test = await testPlugin({
    match: { path: "/mock", job: "t*" },
    request(_request, { job, user, options, log }) {
      log.warn("asked", { job, user, options });
      return new Response("mock");
    },
  }, { job: "t1", user: "ann", options: { a: 1 } });

  const mock = await test.fetch("http://a.test/mock");
  const site = await test.fetch(new URL("http://a.test/"));

  equal(await mock.text(), "mock");
  match(await site.text(), /<title>Sample<\/title>/);
  deepEqual(test.log, [{
    level: "warn",
    message: "asked",
    fields: { job: "t1", user: "ann", options: { a: 1 }, id: "test-1" },
  }]);
});

Deno.test("testPlugin() loads a file in its sandbox, and ends it", async () => {
  await using files = await tempPlugins({
    "a.js": `let count = 0;
      export default {
        setup({ log }) { log.info("set up"); },
        request: () => new Response(String(typeof Deno.readTextFile) + (count += 1)),
      };`,
  });
  const test = await testPlugin(files.path("a.js"));

  const texts = [];
  for (let time = 0; time < 2; time += 1) {
    texts.push(await (await test.fetch("http://a.test/")).text());
  }
  await test[Symbol.asyncDispose]();

  deepEqual(texts, ["function1", "function2"]);
  equal(test.log[0]?.message, "set up");
});

Deno.test("testPlugin() throws what a plugin fails with, and refusals", async () => {
  await using test = await testPlugin({
    match: { path: "/fail" },
    request() {
      throw new Error("oh");
    },
    connect({ hostname }) {
      if (hostname === "ads.test") return { refuse: "no ads" };
    },
  });

  await rejects(test.fetch("http://a.test/fail"), { code: "threw" });
  await rejects(test.fetch("http://ads.test/"), { code: "refused" });
  await rejects(test.fetch("ftp://a.test/"), TypeError);
  await rejects(testPlugin("none.ts"), { code: "notLoaded" });
});

Deno.test("testPlugin() has responses without content, and streams", async () => {
  const pieces = ["a", "b"];
  await using test = await testPlugin({}, {
    site: ({ method, url }) => {
      if (url.endsWith("/none")) return new Response(null, { status: 204 });
      if (method === "HEAD") return new Response(null, { headers: { A: "b" } });
      return new Response(
        ReadableStream.from(
          pieces.map((text) => new TextEncoder().encode(text)),
        ),
      );
    },
  });

  const none = await test.fetch("http://a.test/none");
  const head = await test.fetch("http://a.test/", { method: "HEAD" });
  const stream = await test.fetch("http://a.test/");

  deepEqual([none.status, await none.text()], [204, ""]);
  equal(head.headers.get("a"), "b");
  equal(await stream.text(), "ab");
});

Deno.test("testPlugin() has the site respond to fetch of the plugin, too", async () => {
  await using test = await testPlugin({
    match: { path: "/page" },
    request: (_request, { fetch }) => fetch("https://login.test/token"),
  }, { site: ({ url }) => new Response(`site of ${url}`) });

  const page = await test.fetch("http://a.test/page");

  equal(await page.text(), "site of https://login.test/token");
});

Deno.test("testPlugin() has hooks that read and change content, and keep state", async () => {
  await using test = await testPlugin({
    match: { path: "/graphql", method: "POST" },
    async request(request, { state }) {
      const { operationName } = await request.json<{ operationName: string }>();
      state["operation"] = operationName;
      if (operationName === "Ada") return Response.json({ data: "mock" });
      request.headers.set("X-Test", operationName);
    },
    async response(response, { state }) {
      response.headers.set("X-Operation", String(state["operation"]));
      response.body = (await response.text()).toUpperCase();
    },
  }, { site: ({ headers }) => new Response(`site ${headers.get("x-test")}`) });
  const ask = (operationName: string) =>
    test.fetch("http://a.test/graphql", {
      method: "POST",
      body: JSON.stringify({ operationName }),
    });

  const mocked = await ask("Ada");
  const passed = await ask("Bob");

  equal(await mocked.text(), '{"DATA":"MOCK"}');
  equal(passed.headers.get("x-operation"), "Bob");
  equal(await passed.text(), "SITE BOB");
});
