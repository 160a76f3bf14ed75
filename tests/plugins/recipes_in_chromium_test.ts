/** What plugins are used for where a browser matters, each through server and client to a real Chromium. @module */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import type { PluginUse } from "../../src/plugin/api/plugin_use.ts";
import { startPluginSystem } from "../system/plugin_system.ts";
import { startChromium } from "../testing/chromium.ts";
import { needs } from "../testing/needs.ts";
import { startSite } from "../testing/origin.ts";
import { startWebSocketSite } from "../testing/websocket_peers.ts";

const FILES = new URL("../../plugins/cookbook/", import.meta.url);

/** A page that a script of its own cannot change: its policy forbids all scripts. */
const SHOP = "<!doctype html><html><head><title>Shop</title></head>" +
  "<body><p id=price>5</p></body></html>";

function recipe(name: string, use: Partial<PluginUse> = {}): PluginUse {
  return { use: fileURLToPath(new URL(`${name}.ts`, FILES)), ...use };
}

/** The data of all events of a stream, until the one that ends it. */
async function eventsOf(page: Page, url: string): Promise<readonly string[]> {
  return await page.evaluate((url) => {
    const { promise, resolve } = Promise.withResolvers<string[]>();
    const seen: string[] = [];
    const source = new EventSource(url);
    source.addEventListener("price", ({ data }) => seen.push(data));
    source.addEventListener("end", () => {
      source.close();
      resolve(seen);
    });
    return promise;
  }, url);
}

/** Opens a WebSocket, sends a text and gives so many texts that come. */
async function messagesOf(
  page: Page,
  url: string,
  { say, count }: { readonly say: string; readonly count: number },
): Promise<readonly string[]> {
  return await page.evaluate(({ url, say, count }) => {
    const { promise, resolve, reject } = Promise.withResolvers<string[]>();
    const seen: string[] = [];
    const socket = new WebSocket(url);
    socket.onopen = () => socket.send(say);
    socket.onerror = () => reject(new Error(`No WebSocket to ${url}`));
    socket.onmessage = ({ data }) => {
      seen.push(data);
      if (seen.length < count) return;
      socket.close();
      resolve(seen);
    };
    return promise;
  }, { url, say, count });
}

Deno.test({
  ...needs("chromium"),
  name:
    "Chromium: pages, cookies, events and WebSockets, with six recipes at once",
  async fn(t) {
    await using site = startSite(async (exchange) => {
      if (exchange.path === "/events") {
        return await exchange.answer(200, {
          fields: [["Content-Type", "text/event-stream"]],
          body: "event: price\ndata: 9\n\nevent: end\ndata: -\n\n",
        });
      }
      await exchange.answer(200, {
        fields: [
          ["Content-Type", "text/html"],
          ["Content-Security-Policy", "script-src 'none'"],
        ],
        body: exchange.path === "/cookies"
          ? exchange.get("cookie") ?? "none"
          : SHOP,
      });
    });
    await using sockets = await startWebSocketSite();
    await using tunnel = await startPluginSystem({}, {
      plugins: {
        plugins: [
          recipe("inject_script", {
            match: { host: "shop.test" },
            options: {
              script:
                "onload = () => { document.title = 'Test ' + price.innerText; };",
            },
          }),
          recipe("stream_replace", {
            match: { host: "text.test" },
            options: { find: "<title>Shop", replace: "<title>Staging" },
          }),
          recipe("flag_cookie", {
            match: { host: "flags.test" },
            options: { newCheckout: "on" },
          }),
          recipe("sse_edit", {
            match: { path: "/events" },
            options: { event: "price", value: "1" },
          }),
          recipe("websocket_messages", { options: { price: 99 } }),
          recipe("websocket_mock"),
        ],
      },
      client: { resolve: () => Promise.resolve(["127.0.0.1"]) },
    });
    const { hostname, port } = tunnel.system.proxyAddress;
    await using chromium = await startChromium({
      proxy: {
        server: `http://${hostname}:${port}`,
        ...tunnel.system.credentials,
      },
    });
    const page = await chromium.browser.newPage();
    const at = (host: string, path = "/") =>
      `http://${host}:${site.port}${path}`;

    await t.step(
      "a script runs in a page whose policy forbids it",
      async () => {
        await page.goto(at("shop.test"), { waitUntil: "load" });
        assert.equal(await page.title(), "Test 5");
      },
    );
    await t.step("a text of a page is replaced", async () => {
      await page.goto(at("text.test"));
      assert.equal(await page.title(), "Staging");
    });
    await t.step("a flag is a cookie that the page does not have", async () => {
      await page.goto(at("flags.test", "/cookies"));
      assert.equal(await page.innerText("body"), "newCheckout=on");
      assert.deepEqual(await page.context().cookies(), []);
    });
    await t.step("events of a stream have another value", async () => {
      await page.goto(at("events.test", "/cookies"));
      const events = await eventsOf(page, at("events.test", "/events"));
      assert.deepEqual(events, ["1"]);
    });
    await t.step(
      "messages of a WebSocket are changed and dropped",
      async () => {
        const url = `ws://shop.example:${sockets.port}/live`;
        const got = messagesOf(page, url, { say: "hello", count: 2 });
        using far = await sockets.accept();
        assert.equal(await far.next(), "hello");
        await far.send(`{"type":"advertisement"}`);
        await far.send(`{"type":"stock","left":3}`);
        await far.send(`{"type":"price","price":5}`);
        assert.deepEqual(await got, [
          `{"type":"stock","left":3}`,
          `{"type":"price","price":99}`,
        ]);
      },
    );
    await t.step("a WebSocket has no site, and a mock replies", async () => {
      const got = await messagesOf(page, "ws://prices.example/feed", {
        say: `{"id":1,"subscribe":"book"}`,
        count: 2,
      });
      assert.deepEqual(got.map((text) => JSON.parse(text)), [
        { id: 1, subscribed: "book" },
        { id: 1, item: "book", price: 12.5 },
      ]);
    });
  },
});
