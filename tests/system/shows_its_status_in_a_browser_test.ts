/**
 * The first page of the client's status API, in a browser.
 *
 * @module
 */
import assert from "node:assert/strict";
import { startChromium } from "../testing/chromium.ts";
import { needs } from "../testing/needs.ts";
import {
  checkForEverybody,
  goTo,
  openPage,
  summary,
} from "../testing/pages.ts";
import { TUNNEL } from "../testing/user.ts";
import { runningSystem } from "../testing/running_system.ts";

const ANY_PORT = { hostname: "127.0.0.1", port: 0 } as const;

Deno.test({
  ...needs("chromium"),
  name: "the client's page says how it is, and leads to everything else",
  async fn() {
    await using system = await runningSystem({
      client: { apiAddress: ANY_PORT, inspector: {} },
    });
    await using chromium = await startChromium();
    const page = await openPage(chromium, system.client.apiUrl ?? "");

    await page.getByRole("heading", { name: TUNNEL }).waitFor();
    await summary(page, "You may start your tests").waitFor();
    assert.equal(await page.getByRole("row").count(), 3);
    await checkForEverybody(page, "status");
    for (const path of ["/readyz", "/info", "/metrics", "/openapi.json"]) {
      const link = page.getByRole("link", { name: path, exact: true });
      assert.equal(await link.getAttribute("href"), path);
      assert.equal(
        (await page.request.get(new URL(path, page.url()).href)).status(),
        200,
      );
    }
    await goTo(page, "Traffic");
    await page.getByText("No requests yet").waitFor();
    await goTo(page, "Status");
    await page.getByRole("heading", { name: TUNNEL }).waitFor();
  },
});

Deno.test({
  ...needs("chromium"),
  name: "the client's page says what is missing while it has no server",
  async fn() {
    await using system = await runningSystem({
      client: { apiAddress: ANY_PORT },
    });
    await using chromium = await startChromium();
    const page = await openPage(chromium, system.client.apiUrl ?? "");

    await system.server[Symbol.asyncDispose]();

    await summary(
      page,
      "The connection to the server is lost. The client reconnects",
    ).waitFor();
    await page.getByText("No session is open").waitFor();
    assert.equal(await page.getByRole("link", { name: "Traffic" }).count(), 0);
    await checkForEverybody(page, "status-lost");
  },
});
