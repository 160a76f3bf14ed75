/* What hooks can do to requests, and what happens when they fail. */
import assert from "node:assert/strict";
import { textBody } from "../../../src/http/bytes_body.ts";
import type {
  Body,
  Handler,
  ProxyRequest,
  Sender,
} from "../../../src/http/exchange.ts";
import { createHooks } from "../../../src/plugin/host/chain.ts";
import { PluginError } from "../../../src/plugin/api/errors.ts";
import { startPlugins } from "../../../src/plugin/host/plugins.ts";
import {
  answerText,
  contextOf,
  echo,
  requestOf,
  responseOf,
  upgradeOf,
} from "../exchanges.ts";
import { recordLog } from "../../testing/event_log.ts";
import { started, TRUSTED } from "../started.ts";
import { tempPlugins } from "../temp_plugins.ts";

/** The request that the site gets when a plugin's `request` hook has this body. */
async function asked(
  hook: string,
  request: ProxyRequest = requestOf("http://a.test/x?y=1", {
    fields: ["Host", "a.test", "Cookie", "1", "X-b", "2", "COOKIE", "3"],
  }),
): Promise<string> {
  await using world = await started({
    "p.js": `export default { request(request, context) { ${hook} } };`,
  });
  return await answerText(
    await world.plugins.intercept(echo)(request, contextOf()),
  );
}

/** What a plugin's hook fails with. */
async function failureOf(source: string, timeBudget = 5_000): Promise<string> {
  await using world = await started({ "p.js": source }, { timeBudget });
  try {
    await world.plugins.intercept(echo)(
      requestOf("http://a.test/"),
      contextOf(),
    );
  } catch (error) {
    assert.ok(error instanceof PluginError);
    return `${error.code}: ${error.message}`;
  }
  throw new Error("It did not fail");
}

Deno.test("without plugins for a hook the function is undefined", () => {
  assert.deepEqual(createHooks([]), {});
});

Deno.test.each([
  ["", "http://a.test/x?y=1", "a.test"],
  ["request.url.host = 'B.test:81';", "http://b.test:81/x?y=1", "b.test:81"],
  ["request.url = '/z';", "http://a.test/z", "a.test"],
  ["request.url = 'https://b.test/z?q';", "https://b.test/z?q", "b.test"],
  ["request.url = new URL('z', request.url);", "http://a.test/z", "a.test"],
  ["request.url.protocol = 'https:';", "https://a.test/x?y=1", "a.test"],
  [
    "request.url.searchParams.set('y', '2'); request.url.hash = 'no';",
    "http://a.test/x?y=2",
    "a.test",
  ],
  [
    "request.url.host = 'c.test'; request.headers.set('Host', 'a.test');",
    "http://c.test/x?y=1",
    "a.test",
  ],
])("request: %s leads to %s with Host %s", async (hook, url, host) => {
  const [first, second] = (await asked(hook)).split("\n");

  assert.equal(first, `GET ${url}`);
  assert.equal(second, `Host: ${host}`);
});

Deno.test("request: another host keeps the path to the letter", async () => {
  const request = { ...requestOf("http://a.test/"), path: "/a/../b%2f|?q" };

  assert.equal(
    await asked("request.url.hostname = 'b.test';", request),
    "GET http://b.test/a/../b%2f|?q",
  );
});

Deno.test.each([
  [
    "headers.set('Cookie', 'new'); headers.delete('X-B'); headers.append('X-C', '1'); headers.append('x-c', ' 2 ');",
    ["Host: a.test", "Cookie: new", "X-C: 1", "x-c: 2"],
  ],
  [
    "request.headers = [['b', '1'], ['A', '2'], ['b', '3'], ['Content-Length', '5']];",
    ["b: 1", "A: 2", "b: 3"],
  ],
  ["request.headers = { 'X-Only': '1' };", ["X-Only: 1"]],
  [
    "request.headers = new Headers(headers);",
    ["cookie: 1, 3", "host: a.test", "x-b: 2"],
  ],
  [
    "request.headers = headers.lines().reverse();",
    ["COOKIE: 3", "X-b: 2", "Cookie: 1", "Host: a.test"],
  ],
  [
    "headers.set('X-New', 7);",
    ["Host: a.test", "Cookie: 1", "X-b: 2", "COOKIE: 3", "X-New: 7"],
  ],
])("request: headers %s", async (edits, expected) => {
  const [, ...lines] = (await asked(`const { headers } = request; ${edits}`))
    .split("\n");

  assert.deepEqual(lines, expected);
});

Deno.test("request: headers are those of the web, and know order, case and repeats", async () => {
  const seen = await asked(`
    const { headers, method, url, upgrade } = request;
    const each = [];
    headers.forEach((value, name) => each.push(name + value));
    return new Response([
      method, url.href, upgrade, headers.get("cookie"), headers.get("none"),
      headers.getAll("cookie").join("+"), headers.has("x-B"),
      [...headers.keys()], [...headers.values()], each,
      JSON.stringify(headers.lines()),
      [...new Headers(headers)],
    ].join("|"));`);

  assert.equal(
    seen,
    "GET|http://a.test/x?y=1||1, 3||1+3|true|cookie,host,x-b|1, 3,a.test,2|" +
      "cookie1, 3,hosta.test,x-b2|" +
      '[["Host","a.test"],["Cookie","1"],["X-b","2"],["COOKIE","3"]]|' +
      "cookie,1, 3,host,a.test,x-b,2",
  );
});

Deno.test("request: c.original is what the browser sent, c.id, c.user and c.job say whose it is", async () => {
  await using world = await started({
    "a.js": `export default { request(request) {
      request.method = "PUT"; request.url = "https://b.test/z"; } };`,
    "b.js": `export default { request: ({ method, url }, c) => new Response([
      method, url, c.original.method, c.original.url.searchParams.get("y"),
      c.original.url.host, c.id, c.user, c.job, c.name].join(" ")) };`,
  });

  const response = await world.plugins.intercept(echo)(
    requestOf("http://a.test/x?y=1"),
    { ...contextOf(), user: "jo", job: "j1" },
  );

  assert.equal(
    await answerText(response),
    "PUT https://b.test/z GET 1 a.test 1 jo j1 b",
  );
});

Deno.test("request: a Response is sent at once, and response hooks see it", async () => {
  await using world = await started({
    "a.js": `export default { request: () => Response.json({ ok: true }, {
      status: 201, headers: { "X-A": "1", Connection: "close" } }) };`,
    "b.js": "export default { request() { throw new Error('not reached'); } };",
    "c.js": `export default { response(response) {
      response.status += 1; response.headers.set("X-B", "2"); } };`,
  });
  const unreachable: Handler = () => Promise.reject(new Error("not reached"));

  const response = await world.plugins.intercept(unreachable)(
    requestOf("http://a.test/"),
    contextOf(),
  );

  assert.equal(response.status, 202);
  assert.deepEqual([...response.fields], [
    ["content-type", "application/json"],
    ["x-a", "1"],
    ["X-B", "2"],
  ]);
  assert.equal(await answerText(response), '{"ok":true}');
});

Deno.test("request: a later plugin sees what an earlier one has changed", async () => {
  const add = (word: string) =>
    `export default { request({ url, headers }) {
      url.pathname += "${word}";
      headers.set("X", (headers.get("x") ?? "") + "${word}");
    } };`;
  await using world = await started({ "a.js": add("a"), "b.js": add("b") });

  const response = await world.plugins.intercept(echo)(
    requestOf("http://a.test/"),
    contextOf(),
  );

  assert.equal(await answerText(response), "GET http://a.test/ab\nX: ab");
});

Deno.test("request: a WebSocket handshake can be sent elsewhere, and says what it is", async () => {
  const hook = "request.url.host = request.upgrade + '.test';";

  assert.equal(
    await asked(hook, upgradeOf("http://a.test/chat")),
    "GET http://websocket.test/chat",
  );
});

Deno.test("CONNECT passes by request and response hooks", async () => {
  await using world = await started({
    "a.js": `export default {
      request() { throw 1; }, response() { throw 2; } };`,
  });
  const connected: Handler = () =>
    Promise.resolve(responseOf("never mind", { status: 502 }));

  const response = await world.plugins.intercept(connected)({
    kind: "connect",
    method: "CONNECT",
    authority: "a.test:443",
    fields: requestOf("http://a.test/").fields,
  }, contextOf());

  assert.equal(response.status, 502);
});

Deno.test("connect: sends elsewhere, refuses, or lets be", async () => {
  await using world = await started({
    "a.js": `export default { connect({ hostname, port }) {
      if (hostname === "ads.test") return { refuse: "no ads" };
      if (port === 8443) return { hostname: "::1", port: 443 };
    } };`,
  });
  const { plugins } = world;

  assert.deepEqual(
    await plugins.connect(
      { hostname: "A.test", port: 8443, kind: "request" },
      contextOf(),
    ),
    { place: { hostname: "::1", port: 443 }, chosen: undefined },
  );
  assert.deepEqual(
    await plugins.connect(
      { hostname: "a.test", port: 1, kind: "request" },
      contextOf(),
    ),
    { place: { hostname: "a.test", port: 1 }, chosen: undefined },
  );
  await assert.rejects(
    plugins.connect(
      { hostname: "ads.test", port: 80, kind: "request" },
      contextOf(),
    ),
    {
      code: "refused",
      message: 'Plugin "a" refuses connections to "ads.test:80": no ads',
    },
  );
});

Deno.test("connect: a plugin gets the address from those before it", async () => {
  await using world = await started({
    "a.js": "export default { connect: () => ({ hostname: 'b.test' }) };",
    "b.js": `export default { connect({ hostname }) {
      if (hostname === "b.test") return { port: 9000 };
    } };`,
  });

  assert.deepEqual(
    await world.plugins.connect(
      { hostname: "a.test", port: 80, kind: "request" },
      contextOf(),
    ),
    { place: { hostname: "b.test", port: 9000 }, chosen: undefined },
  );
});

Deno.test("request: content that one plugin has changed is cancelled when a later one fails", async () => {
  await using world = await started({
    "a.js":
      "export default { request(r) { r.body = r.body.pipeThrough(new TransformStream()); } };",
    "b.js": "export default { request() { throw new Error('no'); } };",
  });
  const content = textBody("what the browser sends");
  let isGivenUp = false;
  const body: Body = {
    length: content.length,
    trailers: undefined,
    read: (into) => content.read(into),
    cancel: () => void (isGivenUp = true),
  };

  const exchange = world.plugins.intercept(echo)(
    requestOf("http://a.test/", { method: "POST", body }),
    contextOf(),
  );

  await assert.rejects(exchange, { code: "threw" });
  assert.ok(isGivenUp);
});

Deno.test("resolve: the first plugin with addresses wins; one that throws is skipped", async () => {
  await using world = await started({
    "a.js": "export default { resolve() { throw new Error('no'); } };",
    "b.js": "export default { resolve: () => [] };",
    "c.js": "export default { resolve: () => ['nonsense'] };",
    "d.js":
      "export default { resolve: (name) => name === 'a.test' ? ['::1'] : undefined };",
  });

  assert.deepEqual(await world.plugins.resolve("A.test", contextOf()), ["::1"]);
  assert.equal(await world.plugins.resolve("b.test", contextOf()), undefined);
  const failed = "hook failed";
  assert.equal(world.log.matching(failed, { plugin: "a" }).length, 2);
  const error = /not an IP address/;
  assert.equal(world.log.matching(failed, { error }).length, 2);
});

Deno.test.each([
  [
    "request() {\n throw new Error('boom'); }",
    "threw",
    '"request" of plugin "p": boom (p.js:2:8)',
  ],
  [
    "request: () => Promise.reject('boom')",
    "threw",
    '"request" of plugin "p": boom',
  ],
  [
    "response() { null.x; }",
    "threw",
    '"response" of plugin "p": Cannot read properties of null (reading \'x\') (p.js:1:36)',
  ],
  [
    "request: () => 7",
    "badResult",
    '"request" of plugin "p": it returned a number, change the message in place, or return a Response',
  ],
  [
    "request: () => ({ headers: {} })",
    "badResult",
    '"request" of plugin "p": it returned an Object, change the message in place, or return a Response',
  ],
  [
    "request(r) {\n r.boddy = 1; }",
    "threw",
    '"request" of plugin "p": a request has no member "boddy", did you mean "body"? (p.js:2:10)',
  ],
  [
    "response(r) { r.statusCode = 1; }",
    "threw",
    '"response" of plugin "p": a response has no member "statusCode", it has status, headers, body, text, json, bytes, trailers (p.js:1:45)',
  ],
  [
    "request: ({ headers }) => headers.set('A', 'x\\r\\nB: y')",
    "threw",
    '"request" of plugin "p": the value of "A" has a character that is not allowed in headers (p.js:1:52)',
  ],
  [
    "request: ({ headers }) => headers.set('A b', 'x')",
    "threw",
    '"request" of plugin "p": "A b" is not a valid header name (p.js:1:52)',
  ],
  [
    "request: ({ headers }) => headers.set('Transfer-Encoding', 'chunked')",
    "threw",
    '"request" of plugin "p": "Transfer-Encoding" cannot be changed, the proxy sets it (p.js:1:52)',
  ],
  [
    "request: ({ headers }) => headers.set('A', {})",
    "threw",
    '"request" of plugin "p": "A" is an Object, use a string (p.js:1:52)',
  ],
  [
    "request: ({ headers }) => { for (;;) headers.append('A', 'b'); }",
    "threw",
    '"request" of plugin "p": the headers have more than 1000 changes (p.js:1:63)',
  ],
  [
    "request(r) { r.url = 'ftp://a.test/'; }",
    "threw",
    '"request" of plugin "p": "url" is ftp:, use http: or https: (p.js:1:37)',
  ],
  [
    "request(r) { r.url.username = 'me'; }",
    "badResult",
    '"request" of plugin "p": "url" has a user or a password, set the header "Authorization"',
  ],
  [
    "request(r) { r.method = 'CONNECT'; }",
    "threw",
    '"request" of plugin "p": "method" is "CONNECT", which is not a valid method (p.js:1:40)',
  ],
  [
    "response(r) { r.status = 99; }",
    "threw",
    '"response" of plugin "p": "status" is 99, use 200 to 599 (p.js:1:41)',
  ],
  [
    "response(r) { r.body = 5; }",
    "threw",
    '"response" of plugin "p": "body" is a number, use a string, bytes, a stream of bytes, or null (p.js:1:39)',
  ],
  [
    "async response(r) { await r.text({ limit: 1e9 }); }",
    "threw",
    '"response" of plugin "p": "limit" is 1000000000, use 1 to 67108864 bytes (p.js:1:46)',
  ],
  [
    "async response(r) { await r.body.getReader().read(); }",
    "badResult",
    '"response" of plugin "p": it has read "body" but assigned no other, assign one, or read it with text(), json() or bytes()',
  ],
])("a hook that fails is named: %#", async (hook, code, message) => {
  assert.equal(
    await failureOf(`export default { ${hook} };`),
    `${code}: Cannot run hook ${message}`,
  );
});

Deno.test("a hook that never resolves fails when its time is up, and its signal is aborted", async () => {
  const source = `export default { request(_, { signal }) {
    return new Promise(() => signal.addEventListener("abort",
      () => globalThis.abortedByPlugin = signal.reason.name));
  } };`;

  assert.equal(
    await failureOf(source, 50),
    'timedOut: Cannot run hook "request" of plugin "p": it takes longer than 50 ms',
  );
  assert.equal(Reflect.get(globalThis, "abortedByPlugin"), "TimeoutError");
});

Deno.test("a plugin that fails keeps failing, is named, and works again at the first success", async () => {
  await using world = await started({
    "a.js": `let count = 0; export default { request() {
      count += 1; if (count <= 30) throw new Error('boom ' + count); } };`,
    "b.js": "export default { request: (r) => r.headers.set('B', '1') };",
  });
  const handler = world.plugins.intercept(echo);
  const ask = async () =>
    await handler(requestOf("http://a.test/"), contextOf());

  for (let count = 0; count < 30; count++) {
    await assert.rejects(ask, { name: "PluginError", code: "threw" });
  }
  const [failing, ...others] = world.plugins.failures;
  const response = await ask();

  assert.deepEqual(others, []);
  assert.deepEqual(
    { ...failing, since: 0, at: 0 },
    {
      plugin: "a",
      onFailure: "fail",
      hook: "request",
      reason: 'Cannot run hook "request" of plugin "a": boom 30 (a.js:2:42)',
      location: "a.js:2:42",
      since: 0,
      at: 0,
      count: 30,
    },
  );
  assert.equal(await answerText(response), "GET http://a.test/\nB: 1");
  assert.deepEqual(world.switches, ["a on", "b on"]);
  assert.deepEqual(
    world.health.filter((each) => each.startsWith("a")),
    ["a works", ...Array(30).fill("a fails"), "a works"],
  );
});

Deno.test("a plugin whose failures are skipped lets requests pass unchanged, with WARN lines and a count", async () => {
  await using world = await started({
    "good.js": "export default { request: (r) => r.headers.set('Good', '1') };",
    "bad.js": `export default {
      connect() { throw new Error('oh'); },
      request() { throw new Error('oh'); },
      response: () => 7,
    };`,
  }, { uses: { "bad.js": { onFailure: "skip" } } });
  const target = { hostname: "a.test", port: 80, kind: "request" } as const;

  const response = await world.plugins.intercept(echo)(
    requestOf("http://a.test/"),
    contextOf(),
  );
  const { place } = await world.plugins.connect(target, contextOf());

  assert.equal(await answerText(response), "GET http://a.test/\nGood: 1");
  assert.deepEqual(place, { hostname: "a.test", port: 80 });
  assert.deepEqual(world.skipped, [
    "bad request",
    "bad response",
    "bad connect",
  ]);
  const lines = world.log.all.filter(({ level }) => level !== "info");
  assert.deepEqual(
    lines.map(({ level, message, fields }) => [level, message, fields["hook"]]),
    ["request", "response", "connect"].map((
      hook,
    ) => ["warn", "hook failed, the request passes without it", hook]),
  );
  assert.equal(world.plugins.failures[0]?.onFailure, "skip");
});

Deno.test("neither broken content nor a refusal is skipped", async () => {
  await using world = await started({
    "bad.js": `export default {
      connect: () => ({ refuse: "not here" }),
      response(r) { r.body = r.body.pipeThrough(new TransformStream({
        transform() { throw new Error('oh'); } })); },
    };`,
  }, { uses: { "bad.js": { onFailure: "skip" } } });

  const response = await world.plugins.intercept(echo)(
    requestOf("http://a.test/"),
    contextOf(),
  );

  await assert.rejects(answerText(response), /oh/);
  await assert.rejects(
    world.plugins.connect(
      { hostname: "a.test", port: 80, kind: "tunnel" },
      contextOf(),
    ),
    { code: "refused" },
  );
  assert.deepEqual(world.skipped, []);
});

Deno.test("a browser that goes away does not count as a failure of the plugin", async () => {
  await using world = await started({
    "a.js": `export default { request(_, { signal }) {
      return new Promise((_, reject) =>
        signal.addEventListener("abort", () => reject(signal.reason)));
    } };`,
  });
  const browser = new AbortController();

  const exchange = world.plugins.intercept(echo)(
    requestOf("http://a.test/"),
    contextOf(browser.signal),
  );
  browser.abort(new Error("gone"));

  await assert.rejects(exchange, /gone/);
  assert.deepEqual(world.plugins.failures, []);
});

Deno.test("calls are counted by plugin and hook", async () => {
  await using world = await started({
    "a.js":
      "export default { setup() {}, request() {}, response() { throw 1; } };",
  });

  await assert.rejects(async () =>
    await world.plugins.intercept(echo)(
      requestOf("http://a.test/"),
      contextOf(),
    )
  );

  assert.deepEqual(
    world.calls.map(({ plugin, hook, failed }) =>
      `${plugin} ${hook} ${failed}`
    ),
    ["a setup false", "a request false", "a response true"],
  );
  assert.ok(world.calls.every(({ seconds }) => seconds >= 0 && seconds < 5));
});

Deno.test("tunnel: the last news arrives before the plugin is disposed", async () => {
  await using files = await tempPlugins({
    "a.js": `export default {
      async tunnel({ state }, { log, signal }) {
        await new Promise((resolve) => setTimeout(resolve));
        log.info(signal.aborted ? "cut short" : "heard", { state });
      },
      async [Symbol.asyncDispose]() {},
    };`,
  });
  await using log = await recordLog();
  {
    await using plugins = await startPlugins({
      directories: [files.directory],
      permissions: TRUSTED,
      watch: false,
    });
    plugins.emit({ state: "stopping" });
  }

  assert.equal(log.matching("heard", { state: "stopping" }).length, 1);
});

Deno.test("tunnel: events arrive in order; a hook that throws is only logged", async () => {
  await using world = await started({
    "a.js": "export default { tunnel() { throw new Error('no'); } };",
    "b.js": `export default { async tunnel({ state, tunnel }, { log }) {
      log.info("heard", { state, name: tunnel?.name ?? "none" }); } };`,
  });

  world.plugins.emit({ state: "starting" });
  world.plugins.emit({
    state: "ready",
    tunnel: {
      ...{ id: "1", name: "mine", proxy: "p.test:1" },
      ...{ user: "jane", metadata: {} },
    },
  });
  await world.log.seen("heard", {}, { count: 2 });

  assert.deepEqual(world.log.matching("heard").map(({ fields }) => fields), [
    { state: "starting", name: "none", plugin: "b" },
    { state: "ready", name: "mine", plugin: "b" },
  ]);
});

for (const permissions of [TRUSTED, []]) {
  const place = permissions === TRUSTED ? "trusted" : "sandboxed";

  Deno.test(`a plugin gets what its match names, as the browser sent it (${place})`, async () => {
    await using world = await started({
      "a.js":
        "export default { request({ url }) { url.host = 'moved.test'; } };",
      "b.js": `export default {
        match: [{ host: "*.shop.test", path: "/api/*" }, { job: "j-*" }],
        request: (r, { id, user, job }) =>
          r.headers.set("X-Asked", [id, user, job].join()),
        response: (r, { job }) => r.headers.set("X-Answered", job ?? "-"),
      };`,
    }, { permissions });
    const handler = world.plugins.intercept(echo);
    const ask = async (url: string, sender: Sender = {}) => {
      const context = { ...contextOf(), ...sender };
      const response = await handler(requestOf(url), context);
      const [, asked] = /X-Asked: (.*)/.exec(await answerText(response)) ?? [];
      return [asked, response.fields.get("x-answered")];
    };

    // The host has been changed by then; the match is about the original.
    assert.deepEqual(await ask("http://www.shop.test/api/x?y"), ["1,,", "-"]);
    assert.deepEqual(
      await ask("http://WWW.shop.test:81/api/x", { user: "jo", job: "j-1" }),
      ["1,jo,j-1", "j-1"],
    );
    assert.deepEqual(
      await ask("http://a.test/", { job: "j-2" }),
      ["1,,j-2", "j-2"],
    );
    assert.deepEqual(
      await ask("http://www.shop.test/x", { job: "k" }),
      [undefined, undefined],
    );
    assert.deepEqual(await ask("http://moved.test/api/x"), [
      undefined,
      undefined,
    ]);
    // What does not match does not reach the plugin.
    const calls = world.calls.filter(({ plugin }) => plugin === "b");
    assert.deepEqual(
      calls.map(({ hook }) => hook).filter((hook) => hook !== "setup"),
      Array.from({ length: 3 }, () => ["request", "response"]).flat(),
    );
  });
}
