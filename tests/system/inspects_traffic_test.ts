/** Promise: the inspector is there when it is switched on, for users who may see it, whatever passes. @module */
import assert from "node:assert/strict";
import { startOrigin } from "../testing/origin.ts";
import { BrowserConnection } from "../testing/browser.ts";
import { runningSystem } from "../testing/running_system.ts";
import {
  OPCODE,
  readFrame,
  sendFrame,
  WEBSOCKET_FIELDS,
} from "../testing/websocket_client.ts";
import { startPluginSystem } from "./plugin_system.ts";

const ANY_PORT = { hostname: "127.0.0.1", port: 0 } as const;

Deno.test("the inspector is off by default", async () => {
  await using system = await runningSystem({
    client: { apiAddress: ANY_PORT },
  });

  const answer = await fetch(`${system.client.apiUrl}inspector`);
  await answer.body?.cancel();

  assert.equal(answer.status, 404);
});

Deno.test("the inspector requires the credentials of the status API", async () => {
  await using system = await runningSystem({
    client: { apiAddress: ANY_PORT, apiBasicAuth: "jane:pass", inspector: {} },
  });
  const url = `${system.client.apiUrl}inspector`;
  const headers = {
    "Authorization": `Basic ${btoa("jane:pass")}`,
  };

  for (const path of ["", "/events", "/export.har", "/page.css"]) {
    const refused = await fetch(url + path);
    const allowed = await fetch(url + path, { headers });
    await Promise.all([refused.body?.cancel(), allowed.body?.cancel()]);

    assert.deepEqual([refused.status, allowed.status], [401, 200], path);
  }
});

Deno.test("HTTPS that is opened is read, with what a sandboxed plugin made of it", async () => {
  await using tunnel = await startPluginSystem({
    "mock.js": `export default {
      request: ({ url }) => new Response("mocked " + url.href),
    };`,
  }, {
    client: {
      apiAddress: ANY_PORT,
      inspector: {},
      tlsResignDomains: ["^api\\.test$"],
    },
  });
  const { server, proxyUrl, credentials, client: { apiUrl } } = tunnel.system;
  using client = Deno.createHttpClient({
    proxy: { url: proxyUrl, basicAuth: credentials },
    caCerts: [server.browserCa],
  });

  await (await fetch("https://api.test/users?a=b", { client })).text();
  const list = await (await fetch(`${apiUrl}inspector`)).text();
  const [, path = ""] = /href="\/(inspector\/exchanges\/[^"]+)"/.exec(list) ??
    [];
  const page = await (await fetch(apiUrl + path)).text();

  assert.match(list, /https:\/\/api\.test\/users\?a=b</);
  assert.match(page, /mock, request[^]*responded by itself with 200/);
  assert.match(page, />mocked https:\/\/api\.test\/users\?a=b</);
});

Deno.test("the plugin that failed, and those that led elsewhere, are shown", async () => {
  await using site = await startOrigin();
  await using tunnel = await startPluginSystem({
    "a_dns.js": `export default {
      resolve: (name) => name === "shop.invalid" ? ["127.0.0.1"] : undefined,
    };`,
    "b_place.js": `export default {
      connect: ({ hostname }) =>
        hostname === "api.test" ? { hostname: "shop.invalid", port: ${site.port} }
        : hostname === "no.test" ? { refuse: "not here" } : undefined,
    };`,
    "c_bad.js": `export default {
      request({ url }) { if (url.hostname === "bad.test") throw new Error("oh"); },
    };`,
  }, {
    client: { apiAddress: ANY_PORT, inspector: {}, proxyLocalhost: "allow" },
  });
  const { apiUrl } = tunnel.system.client;

  for (const host of ["api.test", "no.test", "bad.test"]) {
    await tunnel.get(`http://${host}/status/200`);
  }
  const har = await (await fetch(`${apiUrl}inspector/export.har`)).json();

  assert.deepEqual(
    Object.fromEntries(
      har.log.entries.map((
        { request, _plugins }: { request: { url: string }; _plugins: unknown },
      ) => [new URL(request.url).hostname, _plugins]),
    ),
    {
      "api.test": [
        {
          plugin: "b_place",
          hook: "connect",
          changes: [`api.test:80 → shop.invalid:${site.port}`],
        },
        {
          plugin: "a_dns",
          hook: "resolve",
          changes: ["shop.invalid → 127.0.0.1"],
        },
      ],
      "no.test": [
        {
          plugin: "b_place",
          hook: "connect",
          changes: ["stopped here: not here"],
        },
      ],
      "bad.test": [
        {
          plugin: "c_bad",
          hook: "request",
          changes: [
            'stopped here: Cannot run hook "request" of plugin "c_bad": oh (c_bad.js:2:65)',
          ],
        },
      ],
    },
  );
});

Deno.test("a WebSocket is one exchange with its bytes", async () => {
  await using origin = await startOrigin();
  await using system = await runningSystem({
    client: { apiAddress: ANY_PORT, inspector: {} },
  });
  using browser = await BrowserConnection.open(system.proxy, { site: origin });

  await browser.exchange("GET", "/ws", { fields: WEBSOCKET_FIELDS });
  const payload = new Uint8Array(100);
  await sendFrame(browser.raw, { opcode: OPCODE.binary, payload });
  await readFrame(browser.raw);
  const list = await (await fetch(`${system.client.apiUrl}inspector`)).text();

  assert.match(list, /\/ws<[^]*>101 …<[^]*>websocket<[^]*↑ 106 B ↓ 102 B/);
});
