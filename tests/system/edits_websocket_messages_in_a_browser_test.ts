/** Promise: plugins see the WebSocket messages of a real browser, with and without TLS. @module */
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { createTestAuthority } from "../testing/certs.ts";
import { startChromium, type TestBrowser } from "../testing/chromium.ts";
import { needs } from "../testing/needs.ts";
import { startWebSocketSite } from "../testing/websocket_peers.ts";
import { type PluginSystem, startPluginSystem } from "./plugin_system.ts";

const EDIT = `export default {
  match: { host: ["chat.test", "api.invalid"], path: "/room" },
  message(message) {
    if (message.data === "drop") return "drop";
    if (message.data === "where?") message.send("browser", "in " + message.from);
    else message.data += "!";
  },
};`;

function startBrowser({ system }: PluginSystem): Promise<TestBrowser> {
  const { hostname, port } = system.proxyAddress;
  const server = `http://${hostname}:${port}`;
  return startChromium({ proxy: { server, ...system.credentials } });
}

/** Sends "drop", "hello" and "where?", and gives what comes until the WebSocket is closed. */
async function talk(page: Page, url: string): Promise<string[]> {
  return await page.evaluate((url) => {
    const { promise, resolve } = Promise.withResolvers<string[]>();
    const seen: string[] = [];
    const socket = new WebSocket(url);
    socket.onopen = () => {
      seen.push(socket.extensions);
      for (const text of ["drop", "hello", "where?"]) socket.send(text);
    };
    socket.onmessage = ({ data }) => seen.push(data);
    socket.onclose = ({ code, reason, wasClean }) => {
      resolve([...seen, `${code} ${reason} ${wasClean}`]);
    };
    return promise;
  }, url);
}

Deno.test({
  ...needs("chromium"),
  name: "Chromium: ws: and wss: messages are edited, compressed as agreed",
  async fn() {
    const authority = await createTestAuthority();
    const tls = await authority.issue(["chat.test"]);
    await using plain = await startWebSocketSite();
    await using secure = await startWebSocketSite({ tls });
    await using tunnel = await startPluginSystem({ "edit.js": EDIT }, {
      client: {
        tlsResignDomains: ["^chat\\.test$"],
        insecureDomains: ["^chat\\.test$"],
      },
    });
    await using chromium = await startBrowser(tunnel);
    const context = await chromium.browser.newContext({
      ignoreHTTPSErrors: true,
    });
    const page = await context.newPage();
    // WebSockets do not ask for the proxy's login: a page has to, before.
    await page.goto(`http://chat.test:${plain.port}/`);

    for (const way of ["ws", "wss", "wss over HTTP/2"]) {
      const site = way === "ws" ? plain : secure;
      const [scheme] = way.split(" ");
      // Chromium opens a WebSocket on the connection of a page, if it has one.
      if (way.endsWith("2")) await page.goto(`https://chat.test:${site.port}/`);
      const talking = talk(page, `${scheme}://chat.test:${site.port}/room`);
      using far = await site.accept();
      const received = [await far.next(), await far.next()];
      await far.send("welcome");
      far.socket.close(4002, "bye");
      const seen = await talking;

      assert.deepEqual(received, ["hello!", "where?"], way);
      assert.deepEqual(seen, [
        "permessage-deflate",
        "in browser",
        "welcome!",
        "4002 bye true",
      ], way);
    }
  },
});
