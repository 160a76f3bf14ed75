import { advertiseWith } from "../../advertised.ts";
import assert from "node:assert/strict";
import { serveApp } from "../../../../src/api/serving/serve.ts";
import { openAccounts } from "../../../../src/server/accounts/accounts.ts";
import { TunnelRegistry } from "../../../../src/server/tunnels/registry.ts";
import { createWebUi } from "../../../../src/server/web/web_ui.ts";
import { startChromium } from "../../../testing/chromium.ts";
import { needs } from "../../../testing/needs.ts";
import { FakeSession } from "../../fake_session.ts";

const CHEAP = { cost: 2, blockSize: 1, parallelization: 1 } as const;

Deno.test({
  ...needs("chromium"),
  name:
    "a browser shows tunnels as they come and go, and says when the server is gone",
  async fn() {
    using accounts = openAccounts(":memory:", { cost: CHEAP });
    await accounts.bootstrap([{ name: "ann", key: "key" }]);
    const registry = new TunnelRegistry();
    const app = createWebUi({
      accounts,
      registry,
      controller: { stop() {} },
      history: { of: () => [] },
      version: "1.2.3",
      advertise: advertiseWith(),
    });
    await using served = serveApp(app, { hostname: "127.0.0.1", port: 0 });
    await using chromium = await startChromium();
    const page = await chromium.browser.newPage({
      viewport: { width: 390, height: 844 },
    });
    const complaints: string[] = [];
    page.on("console", (message) => complaints.push(message.text()));

    await page.goto(served.url);
    await page.getByLabel("User name").fill("ann");
    await page.getByLabel("Access key").fill("key");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByText("You have no tunnel yet").waitFor();
    const { tunnel } = registry.create({ owner: "ann", name: "shop" });
    await page.getByRole("cell", { name: "shop" }).waitFor();
    tunnel.attach(new FakeSession());
    await page.getByRole("cell", { name: "Running" }).waitFor();
    const width = await page.evaluate("document.documentElement.scrollWidth");
    assert.deepEqual(complaints, []);
    assert.equal(width, 390);

    await served[Symbol.asyncDispose]();
    await page.getByText("The connection to the server is lost").waitFor();
  },
});
