/** Promise: who sees a failure in a browser reads what it is, who says so, and what to try. @module */
import assert from "node:assert/strict";
import { get, open } from "../testing/browser.ts";
import { startChromium, type TestBrowser } from "../testing/chromium.ts";
import { freePort } from "../testing/free_port.ts";
import { needs } from "../testing/needs.ts";
import { startSite } from "../testing/origin.ts";
import { checkForEverybody, openPage } from "../testing/pages.ts";
import { RawClient } from "../testing/raw_client.ts";
import {
  type RunningSystem,
  runningSystem,
} from "../testing/running_system.ts";

async function startBrowser(system: RunningSystem): Promise<TestBrowser> {
  const proxy = { server: system.proxyUrl, ...system.credentials };
  return await startChromium({ proxy });
}

Deno.test({
  ...needs("chromium"),
  name: "a site that is down: the page of the client, for everybody",
  async fn() {
    await using system = await runningSystem();
    await using chromium = await startBrowser(system);
    const url = `http://shop.test:${freePort()}/<b>?q="><script>x</script>`;

    const page = await openPage(chromium, url);

    const { host } = new URL(url);
    const heading = page.getByRole("heading", {
      name: "The site cannot be reached",
    });
    await heading.waitFor();
    await page.getByText(`Cannot connect to "${host}": nothing listens there.`)
      .waitFor();
    await page.getByText("The cause: the site").waitFor();
    await page.getByText("The Sallyport client, which").waitFor();
    assert.equal(await page.getByRole("listitem").count(), 3);
    assert.match(await page.locator("dl").innerText(), /id=\S+ in the log/);
    assert.equal(await page.locator("script").count(), 0);
    const link = page.getByRole("link");
    const id = /\/tunnels\/([0-9a-f]{32})$/;
    assert.match(await link.getAttribute("href") ?? "", id);
    await checkForEverybody(page, "error-client");
  },
});

Deno.test({
  ...needs("chromium"),
  name: "a refused host whose TLS is opened: the page of the server, inside",
  async fn() {
    await using system = await runningSystem({
      client: {
        tlsResignDomains: ["all"],
        denyDomains: ["^denied\\.test$"],
      },
    });
    await using chromium = await startBrowser(system);

    const page = await openPage(chromium, "https://denied.test/");
    const again = await page.reload();

    assert.equal(again?.status(), 403);
    await page.getByRole("heading", {
      name: "A rule of the tunnel denies this host",
    }).waitFor();
    await page.getByText("The Sallyport server, which").waitFor();
    await page.getByRole("link", { name: /Its page/ }).waitFor();
    await checkForEverybody(page, "error-server");
  },
});

Deno.test("programs read two lines of text, as ever", async () => {
  await using system = await runningSystem();

  const page = await get(`http://shop.test:${freePort()}/`, system.proxy);

  assert.equal(page.get("content-type"), "text/plain; charset=utf-8");
  assert.match(page.text, /^sallyport client: Cannot connect to .*\n.*\n$/);
});

Deno.test("a page for who is not known has no link to a tunnel", async () => {
  await using system = await runningSystem();
  using raw = await RawClient.connect(system.proxyAddress);

  await raw.send(
    "GET http://shop.test/ HTTP/1.1\r\nHost: shop.test\r\nAccept: text/html\r\n\r\n",
  );

  const head = await raw.readHead();
  assert.match(head, /^HTTP\/1\.1 407 /);
  const length = Number(/content-length: (\d+)/i.exec(head)?.[1]);
  const text = new TextDecoder().decode(await raw.readExactly(length));
  assert.match(text, /<h1>The proxy wants other credentials<\/h1>/);
  assert.doesNotMatch(text, /<a /);
});

Deno.test("a site cannot speak for Sallyport", async () => {
  await using site = startSite((exchange) =>
    exchange.answer(502, {
      fields: [["X-Sallyport-Error", "plugin Lies"]],
      body: "no",
    })
  );
  await using system = await runningSystem();

  using page = await open(`http://shop.test:${site.port}/`, system.proxy);

  assert.equal(page.status, 502);
  assert.equal(page.error, undefined);
});

Deno.test("requests that cannot be read get the field with the reason, too", async () => {
  await using system = await runningSystem();
  const long = "a".repeat(300_000);
  for (
    const [request, says] of [
      ["GET / HTTP/1.1\r\nBad Field: 1\r\n\r\n", /^bad_request Cannot read/],
      [`GET http://a.test/${long} HTTP/1.1\r\n\r\n`, /^target_too_long Cannot/],
      [
        `GET http://a.test/ HTTP/1.1\r\nA: ${long}\r\n\r\n`,
        /^headers_too_large Cannot/,
      ],
    ] as const
  ) {
    using raw = await RawClient.connect(system.proxyAddress);
    await raw.send(request);
    const head = await raw.readHead();
    const [, field = ""] = /^x-sallyport-error: (.*)\r$/im.exec(head) ?? [];
    assert.match(field, says);
  }
});
