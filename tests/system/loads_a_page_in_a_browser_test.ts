/** Promise: a browser that is given the proxy and the credentials loads pages from behind the firewall. @module */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { startChromium, type TestBrowser } from "../testing/chromium.ts";
import { within } from "../testing/deadline.ts";
import { needs } from "../testing/needs.ts";
import { startOrigin, startSite } from "../testing/origin.ts";
import { PAGE_RESULT } from "../testing/origin_page.ts";
import {
  type RunningSystem,
  runningSystem,
} from "../testing/running_system.ts";

/** Where screenshots are kept for people to look at; not under version control. */
const ARTIFACTS = fileURLToPath(new URL("../artifacts/", import.meta.url));

Deno.test({
  ...needs("chromium"),
  name:
    "a page with styles, images, a script, a form, a WebSocket and events works",
  async fn() {
    await using origin = await startOrigin();
    await using system = await runningSystem();
    await using chromium = await startBrowser(system);
    const page = await chromium.browser.newPage();
    const complaints = listen(page);

    await page.goto(`http://intranet.test:${origin.port}/page`);
    await page.waitForSelector("#result[data-done]", { state: "attached" });
    const result = await page.textContent("#result");
    await page.screenshot({ path: `${ARTIFACTS}page-through-tunnel.png` });
    await page.click("button");
    await page.waitForURL("**/page/form");
    const thanks = await page.textContent("p");

    assert.deepEqual(JSON.parse(result ?? ""), PAGE_RESULT);
    assert.equal(thanks, PAGE_RESULT.form);
    assert.deepEqual(complaints, []);
  },
});

Deno.test({
  ...needs("chromium"),
  name: "server-sent events reach the page one by one",
  async fn() {
    const gates = Array.from(
      { length: 5 },
      () => Promise.withResolvers<void>(),
    );
    await using site = startSite(async (exchange) => {
      if (exchange.path !== "/events") {
        const type = ["Content-Type", "text/html"] as const;
        const body = `<!doctype html><link rel="icon" href="data:,">`;
        return await exchange.answer(200, { fields: [type], body });
      }
      await exchange.writeHead(200, [
        ["Content-Type", "text/event-stream"],
        ["Transfer-Encoding", "chunked"],
      ]);
      for (const [at, gate] of gates.entries()) {
        const event = new TextEncoder().encode(`data: ${at}\n\n`);
        await exchange.writeChunk(event);
        await within(gate.promise, `the page to get event ${at}`);
      }
      await exchange.write("0\r\n\r\n");
    });
    await using system = await runningSystem();
    await using chromium = await startBrowser(system);
    const page = await chromium.browser.newPage();
    // The site sends another event when the page has reported this one.
    const got: string[] = [];
    await page.exposeFunction("tell", (data: string) => {
      got.push(data);
      gates[Number(data)]?.resolve();
    });

    await page.goto(`http://intranet.test:${site.port}/`);
    await page.evaluate(`new Promise((done) => {
      const source = new EventSource("/events");
      source.onmessage = ({ data }) => tell(data);
      source.onerror = () => { source.close(); done(); };
    })`);

    assert.deepEqual(got, ["0", "1", "2", "3", "4"]);
  },
});

Deno.test({
  ...needs("chromium"),
  name: "a page that the client cannot reach is an error page that says why",
  async fn() {
    await using system = await runningSystem();
    await using chromium = await startBrowser(system);
    const page = await chromium.browser.newPage();

    const response = await page.goto("http://nowhere.invalid/");
    const text = await page.textContent("body");

    assert.equal(response?.status(), 502);
    assert.match(text ?? "", /nowhere\.invalid/);
  },
});

async function startBrowser(system: RunningSystem): Promise<TestBrowser> {
  const proxy = { server: system.proxyUrl, ...system.credentials };
  return await startChromium({ proxy });
}

/** Everything the page complains about, as it happens. */
function listen(page: Page): readonly string[] {
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("requestfailed", (request) => {
    const why = request.failure()?.errorText;
    // The page itself closes the events after the last one.
    if (why === "net::ERR_ABORTED" && request.url().includes("/events")) return;
    complaints.push(`${request.url()} ${why}`);
  });
  return complaints;
}
