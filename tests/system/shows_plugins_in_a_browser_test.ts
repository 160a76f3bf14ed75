/** Promise: what plugins do is what a browser shows, and nothing on the page is the wiser. @module */
import assert from "node:assert/strict";
import { startChromium } from "../testing/chromium.ts";
import { needs } from "../testing/needs.ts";
import { fieldOf } from "../testing/received_content.ts";
import { startSite } from "../testing/origin.ts";
import { PLACES, startPluginSystem } from "./plugin_system.ts";

/** Asks an API that is not built yet, and a host that does not exist. */
const PAGE = `<!doctype html>
<meta charset="utf-8">
<link rel="icon" href="data:,">
<h1>Prices in €</h1>
<pre></pre>
<script type="module">
  const users = await (await fetch("http://api.example/users")).json();
  const pinned = await (await fetch("http://no.such.invalid:PORT/pinned")).text();
  const text = JSON.stringify({ users, pinned, host: location.host });
  document.querySelector("pre").textContent = text;
  document.body.dataset.done = "yes";
</script>
`;

for (const place of PLACES) {
  Deno.test({
    ...needs("chromium"),
    name:
      `a page of shop.example comes from a local site, with a mocked API, a pinned name and other words (${place})`,
    async fn() {
      const marks: (string | undefined)[] = [];
      await using site = startSite(async (exchange) => {
        marks.push(fieldOf(exchange.fields, "x-test-run"));
        const isPage = exchange.path === "/";
        await exchange.answer(200, {
          fields: [
            ["Content-Type", isPage ? "text/html" : "text/plain"],
            ["Access-Control-Allow-Origin", "*"],
          ],
          body: isPage ? PAGE.replace("PORT", String(site.port)) : "here",
        });
      });
      await using tunnel = await startPluginSystem({
        "a_shop.js": `export default {
          match: { host: "shop.example" },
          request({ url }) {
            url.host = "127.0.0.1:${site.port}";
          },
        };`,
        "b_mark.js": `export default {
          request: ({ headers }) => headers.set("X-Test-Run", "nightly"),
        };`,
        "c_mock.js": `export default {
          request({ url }) {
            if (url.href !== "http://api.example/users") return;
            return Response.json([{ name: "Ada" }], {
              headers: { "Access-Control-Allow-Origin": "*" },
            });
          },
        };`,
        "d_pin.js": `export default {
          resolve: (name) => name === "no.such.invalid" ? ["127.0.0.1"] : [],
        };`,
        "e_words.js": `export default {
          async response(r) {
            if (r.headers.get("content-type") !== "text/html") return;
            r.body = (await r.text()).replace("Prices", "Our prices");
          },
        };`,
      }, { place });
      const { proxyUrl, credentials } = tunnel.system;
      await using chromium = await startChromium({
        proxy: { server: proxyUrl, ...credentials },
      });
      const page = await chromium.browser.newPage();

      await page.goto("http://shop.example/");
      await page.waitForSelector("[data-done]");
      const heading = await page.textContent("h1");
      const text = await page.textContent("pre");

      assert.equal(heading, "Our prices in €");
      assert.deepEqual(JSON.parse(text ?? ""), {
        users: [{ name: "Ada" }],
        pinned: "here",
        host: "shop.example",
      });
      assert.deepEqual(marks, ["nightly", "nightly"]);
    },
  });
}
