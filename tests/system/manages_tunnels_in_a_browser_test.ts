/**
 * The Tunnels page of a running server, with a running client, in a browser.
 */
import assert from "node:assert/strict";
import { startChromium } from "../testing/chromium.ts";
import { needs } from "../testing/needs.ts";
import { startOrigin } from "../testing/origin.ts";
import {
  checkForEverybody,
  openPage,
  signedInPage,
  summary,
} from "../testing/pages.ts";
import { get, open } from "../testing/browser.ts";
import { TUNNEL, USER } from "../testing/user.ts";
import {
  runningSystem,
  startTestClient,
  startTestServer,
} from "../testing/running_system.ts";

Deno.test({
  ...needs("chromium"),
  name: "the pages of tunnels are usable by everybody: list, tunnel, question",
  async fn() {
    await using system = await runningSystem({
      client: { metadata: { build: "42" } },
    });
    await using origin = await startOrigin();
    const proxy = {
      port: system.proxyAddress.port,
      credentials: `demo+${TUNNEL};job=nightly-7:${USER.key}`,
    };
    using _job = await open(
      `http://origin.test:${origin.port}/hold-body/x`,
      proxy,
    );
    await get("http://nowhere.invalid/secret?token=1", proxy);
    await using chromium = await signedInPage(system.server.url);
    const { page } = chromium;
    await page.getByRole("cell", { name: "Running" }).waitFor();
    await checkForEverybody(page, "tunnels");
    await page.getByRole("link", { name: "REST API" }).click();
    await page.getByRole("link", { name: "POST /{user}/tunnels", exact: true })
      .click();
    await checkForEverybody(page, "rest-api");
    await page.getByRole("link", { name: "Tunnels" }).first().click();
    await page.getByRole("link", { name: TUNNEL }).click();
    await page.getByText("build", { exact: true }).waitFor();
    await page.locator("canvas").first().waitFor();
    await page.getByRole("cell", { name: "nightly-7" }).waitFor();
    await page.getByRole("listitem").getByText("name_not_found").waitFor();
    assert.doesNotMatch(await page.content(), /token=1/);
    await checkForEverybody(page, "tunnel");
    await page.getByRole("link", { name: "Stop …" }).click();
    await checkForEverybody(page, "stop");
    await page.goto(new URL("/tunnels/" + "0".repeat(32), page.url()).href);
    await checkForEverybody(page, "error");
    await page.goto(new URL("/?q=nothing", page.url()).href);
    await checkForEverybody(page, "tunnels-not-found");
  },
});

Deno.test({
  ...needs("chromium"),
  name: "a newcomer sees the command to run, and copies it",
  async fn() {
    await using server = await startTestServer();
    await using chromium = await signedInPage(server.url, {
      permissions: ["clipboard-read", "clipboard-write"],
    });
    const { page } = chromium;
    await page.getByText("You have no tunnel yet").waitFor();
    await checkForEverybody(page, "tunnels-none");

    const copied: unknown[] = [];
    for (const name of ["Copy command", "Copy proxy address"]) {
      await page.getByRole("button", { name }).click();
      await page.getByText("Copied").first().waitFor();
      copied.push(await page.evaluate("navigator.clipboard.readText()"));
    }
    await checkForEverybody(page, "copied");
    await page.getByRole("link", { name: "Stop my tunnels" }).click();
    await page.getByText("None of your tunnels is running").waitFor();

    const { hostname, port } = server.proxyAddress;
    assert.match(
      String(copied[0]),
      /^export .*\nsallyport run \\\n {2}--server/,
    );
    assert.equal(copied[1], `${hostname}:${port}`);
    await checkForEverybody(page, "nothing-to-stop");
  },
});

Deno.test({
  ...needs("chromium"),
  name: "a button says so when the browser does not copy",
  async fn() {
    await using server = await startTestServer();
    await using chromium = await signedInPage(server.url);
    const { page } = chromium;
    await page.evaluate(
      "navigator.clipboard.writeText = () => Promise.reject(new Error())",
    );

    await page.getByRole("button", { name: "Copy command" }).click();

    await page.getByText("Not copied").first().waitFor();
    await checkForEverybody(page, "not-copied");
  },
});

Deno.test({
  ...needs("chromium"),
  name: "the page of a tunnel draws what passes, in both colour schemes",
  async fn() {
    await using system = await runningSystem();
    await using origin = await startOrigin();
    await using chromium = await signedInPage(system.server.url);
    const { page } = chromium;
    await page.getByRole("link", { name: TUNNEL }).click();
    // It flows until the test ends, so that the latest sample has some of it.
    using _flow = await open(
      `http://origin.test:${origin.port}/events`,
      system.proxy,
    );

    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      const charts = page.getByRole("figure");
      await charts.nth(2).waitFor();
      assert.equal(await charts.count(), 3);
      await charts.first().getByText(/from the client.*[1-9]/s).waitFor();
      await page.waitForFunction(
        ARE_DRAWN,
        colorScheme === "light" ? [21, 112, 58] : [95, 211, 139],
      );
    }
  },
});

/** In the page: whether the first chart has the green of the colour scheme. */
const ARE_DRAWN = `(colour) => {
  const canvas = document.querySelector("canvas");
  const { data } = canvas.getContext("2d")
    .getImageData(0, 0, canvas.width, canvas.height);
  for (let at = 0; at < data.length; at += 4) {
    if (colour.every((value, channel) => data[at + channel] === value)) {
      return true;
    }
  }
  return false;
}`;

Deno.test({
  ...needs("chromium"),
  name: "the page of a tunnel shows an error soon after it has happened",
  async fn() {
    await using system = await runningSystem();
    await using chromium = await signedInPage(system.server.url);
    const { page } = chromium;
    await page.getByRole("link", { name: TUNNEL }).click();
    await page.getByRole("heading", { name: "About" }).waitFor();

    await get("http://nowhere.invalid/a?token=s3cr3t", system.proxy);
    await get("http://nowhere.invalid/a?token=s3cr3t", system.proxy);

    const error = page.getByRole("listitem")
      .filter({ hasText: 'Cannot find the host "nowhere.invalid"' })
      .filter({ hasText: "2 times" });
    await error.waitFor();
    const text = await error.innerText();
    assert.match(
      text,
      /DNS\s+nowhere\.invalid\/a · 502 name_not_found · 2 times, first \d+ s ago, last \d+ s ago/,
    );
    assert.match(text, /Check the spelling of the host\./);
    assert.ok(!text.includes("s3cr3t"));
  },
});

Deno.test({
  ...needs("chromium"),
  name:
    "the tabs of a tunnel show its requests, errors, sessions and settings, for everybody",
  async fn() {
    await using origin = await startOrigin();
    await using system = await runningSystem();
    await using chromium = await signedInPage(system.server.url);
    const { page } = chromium;
    await page.getByRole("link", { name: TUNNEL }).click();
    const tabs = page.getByRole("navigation", { name: "Parts of this page" });
    const at = `http://origin.test:${origin.port}`;

    await tabs.getByRole("link", { name: "Requests" }).focus();
    await page.keyboard.press("Enter");
    await page.getByText("No requests yet.").waitFor();
    await get(`${at}/bytes/5?token=s3cr3t`, system.proxy);
    await get(`${at}/status/403`, system.proxy);

    const row = page.getByRole("row", { name: /bytes/ });
    await row.waitFor();
    assert.match(
      await row.innerText(),
      /\d s ago\s+GET\s+origin\.test:\d+\/bytes\/5\s+200\s+[\d.]+ ms\s+[\d.]+ ms\s+–\s+5 B\s+–\s+\d/,
    );
    assert.ok(!(await page.content()).includes("s3cr3t"));
    await checkForEverybody(page, "tunnel-requests");
    await tabs.getByRole("link", { name: "Errors" }).click();
    await page.getByText("The site responded with 403 Forbidden.").waitFor();
    await checkForEverybody(page, "tunnel-errors");
    await tabs.getByRole("link", { name: "Sessions" }).click();
    await page.getByRole("cell", { name: /^127\.0\.0\.1:/ }).first().waitFor();
    await checkForEverybody(page, "tunnel-sessions");
    await tabs.getByRole("link", { name: "Settings" }).click();
    await page.getByText("every host goes through the tunnel").waitFor();
    await checkForEverybody(page, "tunnel-settings");
    await tabs.getByRole("link", { name: "Overview" }).click();
    await page.getByText("The site responded with 403 Forbidden.").waitFor();
    await checkForEverybody(page, "tunnel-overview");
  },
});

Deno.test({
  ...needs("chromium"),
  name:
    "Stop on the page, by keyboard alone, ends the client, and the list says so by itself",
  async fn() {
    await using system = await runningSystem();
    await using chromium = await signedInPage(system.server.url);
    const { page } = chromium;
    const ended = assert.rejects(system.client.done, /webui/);

    await page.getByRole("link", { name: TUNNEL }).focus();
    await page.keyboard.press("Enter");
    await page.getByRole("link", { name: "Stop …" }).focus();
    await page.keyboard.press("Enter");
    await page.getByLabel("Let running jobs finish first").focus();
    await page.keyboard.press("Space");
    await page.keyboard.press("Tab");
    await page.keyboard.type("5");
    await page.keyboard.press("Tab");
    assert.equal(await page.locator(":focus").innerText(), "Stop tunnel");
    await page.keyboard.press("Enter");

    await page.getByRole("cell", { name: "Stopped (webui)" }).waitFor();
    await ended;
  },
});

Deno.test({
  ...needs("chromium"),
  name: "Stop my tunnels ends all of mine; Cancel ends none",
  async fn() {
    await using system = await runningSystem();
    await using second = await startTestClient(system.server, {
      tunnelName: "second",
    });
    await using chromium = await signedInPage(system.server.url);
    const { page } = chromium;
    await summary(page, "2 active tunnels").waitFor();
    await page.getByLabel("Find").fill("SECOND");
    await page.getByLabel("State").selectOption("running");
    await page.getByRole("button", { name: "Show" }).click();
    await summary(page, "2 active tunnels, 2 ready for tests; 1 found")
      .waitFor();
    await page.getByLabel("State").selectOption("stopped");
    await page.getByRole("button", { name: "Show" }).click();
    await page.getByText("No tunnel that is stopped matches “SECOND”")
      .waitFor();
    await page.getByRole("link", { name: "Show all" }).click();

    await page.getByRole("link", { name: "Stop my tunnels" }).click();
    await page.getByText("You have 2 tunnels with no running jobs").waitFor();
    await page.getByRole("link", { name: "Cancel" }).click();
    await summary(page, "2 active tunnels").waitFor();
    const ended = Promise.all([
      assert.rejects(system.client.done, /webui/),
      assert.rejects(second.done, /webui/),
    ]);
    await page.getByRole("link", { name: "Stop my tunnels" }).click();
    await page.getByRole("button", { name: "Stop my tunnels" }).click();

    await summary(page, "No active tunnels").waitFor();
    await ended;
  },
});

Deno.test({
  ...needs("chromium"),
  name: "the list is searched by keyboard alone, and signing out ends it",
  async fn() {
    await using system = await runningSystem();
    await using chromium = await startChromium();
    const page = await openPage(chromium, system.server.url);
    await page.keyboard.type(USER.name);
    await page.keyboard.press("Tab");
    await page.keyboard.type(USER.key);
    await page.keyboard.press("Enter");
    await page.getByRole("cell", { name: TUNNEL, exact: true }).waitFor();

    await page.getByRole("searchbox").focus();
    await page.keyboard.type("nothing like this");
    await page.keyboard.press("Enter");
    await page.getByText("No tunnel matches “nothing like this”").waitFor();
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    await page.goto(system.server.url);
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
  },
});
