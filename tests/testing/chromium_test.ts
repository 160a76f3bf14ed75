/** @module */
import assert from "node:assert/strict";
import { startChromium } from "./chromium.ts";
import { needs } from "./needs.ts";
import { startOrigin } from "./origin.ts";
import { PAGE_RESULT } from "./origin_page.ts";

Deno.test({
  ...needs("chromium"),
  name: "the origin's page works in a browser that has no proxy",
  async fn() {
    await using origin = await startOrigin();
    await using chromium = await startChromium();
    const page = await chromium.browser.newPage();

    await page.goto(`${origin.url}/page`);
    await page.waitForSelector("#result[data-done]", { state: "attached" });
    const result = await page.textContent("#result");
    await page.click("button");
    const thanks = await page.textContent("p");

    assert.deepEqual(JSON.parse(result ?? ""), PAGE_RESULT);
    assert.equal(thanks, PAGE_RESULT.form);
  },
});

Deno.test({
  ...needs("chromium"),
  name: "the browser uses its proxy for loopback addresses too",
  async fn() {
    await using proxy = await startOrigin();
    await using chromium = await startChromium({
      proxy: { server: `http://${proxy.authority}` },
    });
    const page = await chromium.browser.newPage();

    await page.goto("http://127.0.0.1:18080/status/200");

    // Chromium may ask for things of its own before.
    const asked = proxy.heads.map((head) => head.split(" ")[1]);
    assert.ok(asked.includes("http://127.0.0.1:18080/status/200"));
  },
});
