/** Promise: a plugin may end a request without a response, try it again, or break its content; the browser never takes that for a whole page. @module */
import assert from "node:assert/strict";
import { within } from "../testing/deadline.ts";
import { startSite } from "../testing/origin.ts";
import { openHttp2Browser } from "../testing/intercepted.ts";
import {
  PLACES,
  type PluginSystem,
  startPluginSystem,
} from "./plugin_system.ts";

/** Hosts under `.test` are this machine. */
const INSIDE = { client: { tlsResignDomains: ["^api\\.test$"] } };

for (const place of PLACES) {
  Deno.test(`abort() resets the browser's connection, over HTTP/1.1 and HTTP/2 (${place})`, async () => {
    await using site = startSite((exchange) =>
      exchange.answer(200, { body: "a page" })
    );
    await using tunnel = await startPluginSystem({
      "end.js": `export default {
        request({ url }, { abort }) {
          if (url.pathname === "/ask") abort();
          if (url.pathname === "/caught") try { abort(); } catch { return new Response("no"); }
        },
        async response(r, { request: { url }, abort }) {
          await r.text();
          if (url.pathname === "/answer") abort();
        },
      };`,
    }, { place, ...INSIDE });
    const at = (path: string) =>
      tunnel.get(`http://a.test:${site.port}${path}`);

    for (const path of ["/ask", "/caught", "/answer"]) {
      await assert.rejects(at(path), /cut short|closed/, path);
    }
    const inside = await overHttp2(tunnel, "/ask");
    const page = await at("/fine");

    assert.match(String(inside.error), /CANCEL/);
    assert.equal(inside.status, undefined);
    assert.equal(page.text, "a page");
    const [line] = tunnel.log.matching("request aborted", {
      reason: /^Plugin "end" aborts the request$/,
    });
    assert.equal(line?.level, "info");
    assert.deepEqual(tunnel.log.matching("hook failed"), []);
  });

  Deno.test(`content that a hook breaks is reset, over HTTP/1.1 and HTTP/2, with one ERROR line (${place})`, async () => {
    await using tunnel = await startPluginSystem({
      "mock.js": `export default { request: () =>
        new Response("x".repeat(100_000), { headers: { "X-Mock": "1" } }) };`,
      "zbad.js": `export default { response(r) {
        let bytes = 0;
        r.body = r.body.pipeThrough(new TransformStream({ transform(chunk, out) {
          bytes += chunk.length;
          out.enqueue(chunk);
          if (bytes >= 100_000) throw new Error("oh");
        } })); } };`,
    }, { place, ...INSIDE });

    await assert.rejects(tunnel.get("http://a.test/"), /cut short|closed/);
    const inside = await overHttp2(tunnel, "/");

    assert.equal(inside.status, "200");
    assert.match(String(inside.error), /INTERNAL_ERROR|CANCEL/);
    const lines = tunnel.log.matching("hook failed");
    assert.deepEqual(
      lines.map(({ level, fields: { plugin, hook, location } }) => [
        ...[level, plugin, hook, location],
      ]),
      Array(2).fill(["error", "zbad", "response", "zbad.js:6:39"]),
    );
    assert.ok(lines.every(({ fields: { id } }) => typeof id === "string"));
  });

  Deno.test(`a plugin logs in again and repeats the request, and its hooks share what they know of it (${place})`, async () => {
    const seen: string[] = [];
    await using site = startSite(async (exchange) => {
      const [, token] = /\r\nAuthorization: (.*)\r/i.exec(exchange.head) ?? [];
      seen.push(`${token}`);
      await exchange.answer(token === "new" ? 200 : 401, {
        body: `with ${token}`,
      });
    });
    await using tunnel = await startPluginSystem({
      "login.js": `let token = "old";
      export default {
        match: { host: "shop.example" },
        request({ headers, url }, { state }) {
          state.asked = url.pathname;
          headers.set("Authorization", token);
          url.host = "127.0.0.1:${site.port}";
        },
        async response({ status, headers }, { request, fetch, state, original }) {
          headers.set("X-Asked", state.asked + " " + original.url.host);
          if (status !== 401) return;
          token = "new";
          request.headers.set("Authorization", token);
          return await fetch(request);
        },
      };`,
      "other.js": `export default { request() {}, response(r, { state }) {
        r.headers.set("X-Other", Object.keys(state).join()); } };`,
    }, {
      place,
      plugins: {
        permissions: place === "trusted"
          ? [{ plugin: undefined, permissions: "trusted" }]
          : [{
            plugin: "login",
            permissions: {
              net: ["127.0.0.1"],
              read: false,
              write: false,
              env: false,
            },
          }],
      },
      client: { proxyLocalhost: "allow" },
    });

    const first = await tunnel.get("http://shop.example/a");
    const second = await tunnel.get("http://shop.example/b");

    assert.deepEqual([first.status, first.text], [200, "with new"]);
    assert.deepEqual([second.status, second.text], [200, "with new"]);
    assert.deepEqual(seen, ["old", "new", "new"]);
    assert.equal(second.get("x-asked"), "/b shop.example");
    assert.equal(second.get("x-other"), "");
  });
}

/** What a browser that speaks HTTP/2 gets from `api.test` inside TLS that is opened. */
async function overHttp2(
  { system }: PluginSystem,
  path: string,
): Promise<{ readonly status: string | undefined; readonly error: unknown }> {
  await using browser = await openHttp2Browser(system, "api.test:443");
  let status: string | undefined;
  try {
    const stream = await browser.request([
      ...[":method", "GET", ":scheme", "https"],
      ...[":authority", "api.test", ":path", path],
    ], { endStream: true });
    const { fields } = await within(stream.response, "the response");
    status = fields[fields.indexOf(":status") + 1];
    const into = new Uint8Array(65_536);
    while (await within(stream.read(into), "content") !== null);
    return { status, error: undefined };
  } catch (error) {
    return { status, error };
  }
}
