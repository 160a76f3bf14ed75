/**
 * Pages follow what happens, also after the connection or the server was gone.
 *
 * @module
 */
import assert from "node:assert/strict";
import { startChromium } from "../testing/chromium.ts";
import { needs } from "../testing/needs.ts";
import {
  checkForEverybody,
  openPage,
  signedInPage,
  signIn,
  summary,
} from "../testing/pages.ts";
import { Relay } from "../testing/relay.ts";
import { TUNNEL } from "../testing/user.ts";
import { startTestClient, startTestServer } from "../testing/running_system.ts";
import { temporaryDirectory } from "./programs.ts";

const LOST = "The connection to the server is lost";

Deno.test({
  ...needs("chromium"),
  name: "a page is live again by itself after its connection was cut",
  async fn() {
    await using server = await startTestServer();
    await using relay = await Relay.start(Number(new URL(server.url).port));
    await using chromium = await startChromium();
    const page = await openPage(chromium, `https://127.0.0.1:${relay.port}/`);
    const isLive = page.waitForResponse(/\/events/);
    await signIn(page);
    await isLive;

    relay.cut();
    await page.getByText(LOST).waitFor();
    await page.getByText(LOST).waitFor({ state: "hidden" });
    await using _client = await startTestClient(server);

    await summary(page, "1 active tunnel, 1 ready for tests").waitFor();
  },
});

Deno.test({
  ...needs("chromium"),
  name:
    "after a restart of the server a page wants a new sign-in, and shows the tunnel that came back",
  async fn() {
    await using directory = await temporaryDirectory();
    const dataDir = directory.path;
    const first = await startTestServer({ dataDir });
    const { hostname, port } = new URL(first.url);
    await using _client = await startTestClient(first);
    await using chromium = await signedInPage(first.url);
    const { page } = chromium;
    await summary(page, "1 active tunnel, 1 ready for tests").waitFor();

    await first[Symbol.asyncDispose]();
    await page.getByText(LOST).waitFor();
    await using _second = await startTestServer({
      dataDir,
      address: { hostname, port: Number(port) },
      tunnelAddress: first.tunnelAddress,
    });
    await page.getByText("You are signed out, or this page is gone").waitFor();
    await checkForEverybody(page, "signed-out");
    await page.getByRole("link", { name: "Reload it" }).click();
    await signIn(page);

    await summary(page, "1 active tunnel, 1 ready for tests").waitFor();
    await page.getByRole("link", { name: TUNNEL }).waitFor();
  },
});

Deno.test({
  ...needs("chromium"),
  name: "the focus stays at a tunnel of the list while the list changes",
  async fn() {
    await using server = await startTestServer();
    await using _first = await startTestClient(server);
    await using chromium = await signedInPage(server.url);
    const { page } = chromium;
    await page.getByRole("link", { name: TUNNEL }).focus();

    await using _second = await startTestClient(server, {
      tunnelName: "second",
    });
    await summary(page, "2 active tunnels, 2 ready for tests").waitFor();

    assert.equal(await page.locator(":focus").innerText(), TUNNEL);
    const news = page.getByRole("status").filter({ hasText: "2 active" });
    assert.equal(await news.count(), 1);
  },
});
