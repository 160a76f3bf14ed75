/**
 * Promise: `/inspector` of the status API shows what passes, as it passes: list,
 * detail, filter, resending, HAR, and no secrets.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { startChromium } from "../testing/chromium.ts";
import { needs } from "../testing/needs.ts";
import { type Origin, startOrigin } from "../testing/origin.ts";
import { checkForEverybody, goTo, openPage } from "../testing/pages.ts";
import type { RunningSystem } from "../testing/running_system.ts";
import { connectTo } from "../testing/browser.ts";
import { type PluginSystem, startPluginSystem } from "./plugin_system.ts";

/** Never to be seen on a page. */
const SECRET = "s3cr3t";

const PLUGIN = `export default {
  name: "lab",
  request({ url, headers }) {
    if (url.pathname === "/mock") return new Response("mocked", { status: 418 });
    headers.set("X-Lab", "yes");
    headers.delete("X-Old");
  },
  response: ({ headers }) => headers.set("X-Seen", "1"),
};`;

/** A system with an inspector, a site, and a browser on the inspector's first page. */
interface World extends AsyncDisposable {
  readonly origin: Origin;
  readonly system: RunningSystem;
  readonly proxy: PluginSystem["proxy"];
  readonly page: Page;
  /** Sends a request through the tunnel. */
  send(path: string, init?: RequestInit): Promise<string>;
}

async function startWorld(): Promise<World> {
  await using stack = new AsyncDisposableStack();
  const origin = stack.use(await startOrigin());
  const started = stack.use(
    await startPluginSystem({ "lab.js": PLUGIN }, {
      place: "trusted",
      client: {
        apiAddress: { hostname: "127.0.0.1", port: 0 },
        inspector: {},
      },
    }),
  );
  const { system, proxy } = started;
  const browser = stack.use(await startChromium());
  const page = await openPage(browser, `${system.client.apiUrl}inspector`);
  const { username, password } = system.credentials;
  const client = stack.use(Deno.createHttpClient({
    proxy: { url: system.proxyUrl, basicAuth: { username, password } },
  }));
  const parts = stack.move();
  return {
    origin,
    system,
    proxy,
    page,
    async send(path, init = {}) {
      const url = `http://site.test:${origin.port}${path}`;
      return await (await fetch(url, { ...init, client })).text();
    },
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}

/** The row of an exchange, by the path in its URL. */
function row(page: Page, path: string): ReturnType<Page["locator"]> {
  return page.getByRole("row").filter({
    has: page.getByRole("link", { name: path }),
  });
}

async function cellsOf(page: Page, path: string): Promise<readonly string[]> {
  const cells = await row(page, path).getByRole("cell").allInnerTexts();
  return cells.map((text) => text.trim());
}

/** Fails when a page is not for everybody, or tells a secret. */
async function checkPage(page: Page, name: string): Promise<void> {
  await checkForEverybody(page, `inspector-${name}`);
  assert(!(await page.content()).includes(SECRET), `${name} tells a secret`);
}

Deno.test({
  ...needs("chromium"),
  name:
    "exchanges appear as they pass, with what plugins changed, for everybody",
  async fn() {
    await using world = await startWorld();
    const { page, origin, send, proxy } = world;
    await page.getByText("No requests yet").waitFor();
    await checkPage(page, "empty");

    await send(`/echo?api_key=${SECRET}&a=1`, {
      method: "POST",
      headers: {
        "Content-Type": "application/json",
        "Authorization": `Bearer ${SECRET}`,
        "Cookie": `session=${SECRET}`,
        "X-Forwarded-Url": `http://a.test/?token=${SECRET}`,
        "X-Old": "1",
      },
      body: `{"password":"${SECRET}","name":"jane"}`,
    });
    await send("/gzip");
    await send("/mock");
    await send("/status/404");
    await connectTo(`site.test:${origin.port}`, proxy);
    await row(page, `site.test:${origin.port}`).last().waitFor();
    await page.getByText("5 requests").first().waitFor();

    const [, method, url, status, type, , , plugins] = await cellsOf(
      page,
      "/echo",
    );
    assert.deepEqual([method, status, type, plugins], [
      "POST",
      "200",
      "application/json",
      "lab",
    ]);
    assert.match(url ?? "", /\/echo\?api_key=xxxxx&a=1$/);
    const mocked = await cellsOf(page, "/mock");
    assert.equal(mocked[3], "418");
    await checkPage(page, "list");

    await page.getByRole("link", { name: "/echo" }).click();
    await page.getByRole("heading", { name: "Plugins", exact: true }).waitFor();
    const text = await page.locator("#live").innerText();
    for (
      const expected of [
        "+ X-Lab: yes",
        "− x-old: 1",
        "+ X-Seen: 1",
        '{"password":"xxxxx","name":"jane"}',
        "http://a.test/?token=xxxxx",
      ]
    ) assert(text.includes(expected), `${expected}\n${text}`);
    await checkPage(page, "exchange");

    await page.goBack();
    await page.getByRole("link", { name: "/gzip" }).click();
    await page.getByText("Decoded from gzip.").waitFor();
    await page.getByText("compressed", { exact: true }).waitFor();
  },
});

Deno.test({
  ...needs("chromium"),
  name: "the list is narrowed by text, method and status, and paused",
  async fn() {
    await using world = await startWorld();
    const { page, send } = world;
    await send("/bytes/5");
    await send("/status/500");
    await send("/echo", { method: "PUT", body: "a" });
    await page.getByText("3 requests").first().waitFor();

    await page.getByRole("link", { name: "/bytes/5" }).focus();
    await send("/status/200");
    await page.getByText("4 requests").first().waitFor();
    assert.match(await page.locator(":focus").innerText(), /\/bytes\/5$/);
    await page.getByRole("searchbox").fill("STATUS site");
    await page.keyboard.press("Enter");
    await page.getByText("2 of 4 requests").first().waitFor();
    await page.getByRole("link", { name: "/status/500" }).waitFor();
    await page.getByRole("searchbox").fill("");
    await page.getByLabel("Method").selectOption("PUT");
    await page.getByRole("button", { name: "Show" }).click();
    await page.getByRole("link", { name: "/echo" }).waitFor();
    assert.equal(await page.getByRole("row").count(), 2);
    await page.getByLabel("Method").selectOption("all");
    await page.getByLabel("Status").selectOption("5xx");
    await page.getByRole("button", { name: "Show" }).click();
    await page.getByText("1 of 4 requests").first().waitFor();
    await page.getByLabel("Status").selectOption("3xx");
    await page.getByRole("button", { name: "Show" }).click();
    await page.getByText("No request has the status 3xx").waitFor();
    await page.getByRole("link", { name: "Show all" }).click();

    await page.getByRole("button", { name: "Pause" }).click();
    await send("/status/201");
    await page.getByRole("button", { name: "Pause", pressed: true }).click();
    await page.getByRole("link", { name: "/status/201" }).waitFor();
    await page.getByRole("button", { name: "Clear" }).click();
    await page.getByText("No requests yet").waitFor();
  },
});

Deno.test({
  ...needs("chromium"),
  name:
    "a request is edited and sent again, with its secrets and through plugins",
  async fn() {
    await using world = await startWorld();
    const { page, origin, send } = world;
    await send(`/echo?token=${SECRET}`, {
      method: "POST",
      headers: {
        "Content-Type": "application/json",
        "Authorization": `Bearer ${SECRET}`,
      },
      body: `{"password":"${SECRET}"}`,
    });
    await page.getByRole("link", { name: "/echo" }).click();
    await page.getByRole("link", { name: "Edit and resend" }).click();
    await checkPage(page, "replay");
    const fields = page.getByLabel("Header fields");
    await fields.fill(`${await fields.inputValue()}\nX-Added: by hand`);
    const url = page.getByLabel("URL");
    await url.fill(`${await url.inputValue()}&more=1`);
    await page.getByRole("button", { name: "Send" }).click();
    await page.getByText("Replay of").waitFor();
    await page.getByText("200 OK").waitFor();

    const [, head = ""] = origin.heads;
    assert.match(head, /^POST \/echo\?token=s3cr3t&more=1 HTTP\/1\.1\r\n/);
    for (
      const line of [
        /^Authorization: Bearer s3cr3t\r$/im,
        /^X-Added: by hand\r$/im,
        /^X-Lab: yes\r$/im,
        /^Content-Length: 21\r$/im,
      ]
    ) assert.match(head, line);
    await checkPage(page, "replayed");
    await goTo(page, "Traffic");
    await page.locator(".badge", { hasText: "replay" }).waitFor();
  },
});

Deno.test({
  ...needs("chromium"),
  name: "the list is exported as HAR 1.2, without secrets",
  async fn() {
    await using world = await startWorld();
    const { page, send, origin, proxy } = world;
    await send(`/echo?token=${SECRET}`, {
      method: "POST",
      headers: {
        "Content-Type": "application/json",
        "Cookie": `session=${SECRET}`,
      },
      body: `{"password":"${SECRET}"}`,
    });
    await send("/bytes/5");
    await connectTo(`site.test:${origin.port}`, proxy);
    await page.getByText("3 requests").first().waitFor();

    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("link", { name: "Export HAR" }).click(),
    ]);
    const text = await Deno.readTextFile(await download.path());

    assert.equal(download.suggestedFilename(), "sallyport.har");
    assert(!text.includes(SECRET), text);
    const { log } = JSON.parse(text);
    assert.equal(log.version, "1.2");
    const urls = log.entries.map((
      { request }: { readonly request: { readonly url: string } },
    ) => new URL(request.url).pathname);
    assert.deepEqual(urls, ["/echo", "/bytes/5"]);
  },
});

Deno.test({
  ...needs("chromium"),
  name: "what cannot be shown or sent again is said in words, with a way back",
  async fn() {
    await using world = await startWorld();
    const { page, send } = world;
    await send("/bytes/5");
    await page.getByRole("link", { name: "/bytes/5" }).click();
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("link", { name: "Export HAR" }).click(),
    ]);
    assert.match(await Deno.readTextFile(await download.path()), /bytes\/5/);

    await page.getByRole("link", { name: "Edit and resend" }).click();
    await page.getByRole("link", { name: "Cancel" }).click();
    await page.getByRole("link", { name: "Edit and resend" }).click();
    await page.getByLabel("URL").fill("nowhere");
    await page.getByLabel("Header fields").fill("X-Kept: 1");
    await page.getByRole("button", { name: "Send" }).click();
    await page.getByRole("alert").waitFor();
    assert.equal(await page.getByLabel("URL").inputValue(), "nowhere");
    assert.equal(
      await page.getByLabel("Header fields").inputValue(),
      "X-Kept: 1",
    );
    await checkPage(page, "refused");
    await page.goto(new URL("/inspector/nothing", page.url()).href);
    await page.getByText("there is no such page").waitFor();
    await page.getByRole("link", { name: "Back to the traffic" }).click();

    await row(page, "/bytes/5").waitFor();
  },
});

Deno.test({
  ...needs("chromium"),
  name:
    "requests are found by terms, and walked through with arrow keys, each with its reason",
  async fn() {
    await using world = await startWorld();
    const { page, origin, send } = world;
    await send("/status/503");
    await send("/echo", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: '{"a":[1,2]}',
    });
    await send("/bytes/5");
    await page.getByText("3 requests").first().waitFor();
    await page.getByText("The site responded with 503").waitFor();

    const search = page.getByRole("searchbox");
    await search.fill("status:5xx host:site");
    await page.keyboard.press("Enter");
    await page.getByText("1 of 3 requests").first().waitFor();
    await page.getByRole("searchbox").fill("stauts:5xx");
    await page.keyboard.press("Enter");
    await page.getByRole("alert").filter({ hasText: "is not a filter" })
      .waitFor();
    await checkPage(page, "bad-term");
    await page.getByRole("searchbox").fill("");
    await page.keyboard.press("Enter");
    await page.getByText("3 requests").first().waitFor();

    await page.getByRole("heading", { name: "Traffic" }).click();
    const pane = page.getByRole("region", { name: "Request" });
    await page.keyboard.press("ArrowDown");
    await pane.getByRole("heading", { name: "/bytes/5" }).waitFor();
    await page.keyboard.press("ArrowDown");
    await pane.getByRole("heading", { name: "/echo" }).waitFor();
    await pane.getByText("As it was sent").first().waitFor();
    await pane.getByText("The connection was used again.").waitFor();
    await pane.getByText(`curl 'http://site.test:${origin.port}/echo'`)
      .waitFor();
    await checkPage(page, "pane");
    await page.getByRole("link", { name: "/bytes/5" }).focus();
    await page.keyboard.press("ArrowUp");
    await pane.getByRole("heading", { name: "/bytes/5" }).waitFor();
    await page.keyboard.press("Escape");
    await pane.waitFor({ state: "hidden" });
    await row(page, "/status/503").getByText("GET").click();
    await pane.getByText("The site responded with 503").waitFor();

    await page.getByRole("link", { name: "/echo" }).first().click();
    await page.getByRole("link", { name: "Newer" }).waitFor();
    await page.keyboard.press("ArrowRight");
    await page.getByRole("heading", { name: "/status/503" }).waitFor();
    await page.getByRole("link", { name: "Newer" }).click();
    await page.getByRole("link", { name: "Older" }).waitFor();
    await checkPage(page, "neighbours");
  },
});
