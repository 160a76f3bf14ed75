/**
 * The Tunnels page of a running server, with a running client, in a browser:
 * acceptance row 72, and every page for everybody.
 *
 * @module
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { violationsOf } from "../testing/accessibility.ts";
import { startChromium, type TestBrowser } from "../testing/chromium.ts";
import { needs } from "../testing/needs.ts";
import { startOrigin } from "../testing/origin.ts";
import {
  type RunningSystem,
  runningSystem,
  startTestClient,
  TUNNEL,
  USER,
} from "../testing/running_system.ts";
import { get, open } from "./browser.ts";

const NARROW = { width: 390, height: 844 } as const;
const WIDE = { width: 1280, height: 900 } as const;

/** Pictures of the pages are kept where this variable says, for people to look at. */
const PICTURES = Deno.env.get("SALLYPORT_TEST_PICTURES");

async function openPage(
  { browser }: TestBrowser,
  { server }: RunningSystem,
): Promise<Page> {
  const context = await browser.newContext({
    ignoreHTTPSErrors: true,
    viewport: WIDE,
  });
  const page = await context.newPage();
  await page.goto(server.url);
  return page;
}

async function signIn(page: Page): Promise<void> {
  await page.getByLabel("User name").fill(USER.name);
  await page.getByLabel("Access key").fill(USER.key);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { name: "Tunnels" }).waitFor();
}

/** The line above the list; a screen reader's copy of it stands elsewhere. */
function summary(page: Page, text: string): ReturnType<Page["locator"]> {
  return page.locator(".summary", { hasText: text });
}

/** Fails when a page is not for everybody, in any of its looks. */
async function checkForEverybody(page: Page, name: string): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    for (const viewport of [WIDE, NARROW]) {
      await page.setViewportSize(viewport);
      await takePicture(page, `${name}-${colorScheme}-${viewport.width}`);
      const width = await page.evaluate("document.documentElement.scrollWidth");
      assert.equal(width, viewport.width, `${name} is as wide as the window`);
      assert.deepEqual(await violationsOf(page), [], name);
    }
  }
  await page.setViewportSize(WIDE);
}

async function takePicture(page: Page, name: string): Promise<void> {
  if (PICTURES === undefined) return;
  await page.screenshot({
    path: join(PICTURES, `${name}.png`),
    fullPage: true,
  });
}

Deno.test({
  ...needs("chromium"),
  name: "every page is usable by everybody: signing in, list, tunnel, question",
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
    await using chromium = await startChromium();
    const page = await openPage(chromium, system);

    await checkForEverybody(page, "sign-in");
    await signIn(page);
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
    await page.getByRole("cell", { name: "name_not_found" }).waitFor();
    assert.doesNotMatch(await page.content(), /token=1/);
    await checkForEverybody(page, "tunnel");
    await page.getByRole("link", { name: "Stop …" }).click();
    await checkForEverybody(page, "stop");
    await page.goto(new URL("/tunnels/" + "0".repeat(32), page.url()).href);
    await checkForEverybody(page, "error");
  },
});

Deno.test({
  ...needs("chromium"),
  name:
    "the pages about accounts are usable by everybody: keys, users, audit log",
  async fn() {
    await using system = await runningSystem();
    await using chromium = await startChromium();
    const page = await openPage(chromium, system);
    await signIn(page);
    const go = (name: string) =>
      page.getByRole("navigation").getByRole("link", { name }).click();

    await go("Keys");
    await page.getByText("You have no key besides the first one").waitFor();
    await checkForEverybody(page, "keys");
    await page.getByLabel("Name").fill("ci");
    await page.getByLabel("Opens").selectOption("start");
    await page.getByRole("button", { name: "Create key" }).click();
    await page.getByRole("heading", { name: "New key “ci”" }).waitFor();
    await checkForEverybody(page, "new-key");
    await page.getByRole("link", { name: "I have copied it" }).click();
    await page.getByRole("link", { name: "Revoke ci …" }).click();
    await checkForEverybody(page, "revoke-key");
    await page.getByRole("button", { name: "Revoke key" }).click();

    await go("Users");
    await page.getByText("You are the only user").waitFor();
    await checkForEverybody(page, "users-alone");
    await page.getByLabel("Name").fill("jane@example.com");
    await page.getByLabel("Team").fill("web");
    await page.getByRole("button", { name: "Add user" }).click();
    await page.getByRole("link", { name: "I have copied it" }).click();
    await checkForEverybody(page, "users");
    await page.getByRole("link", { name: "jane@example.com" }).click();
    await checkForEverybody(page, "user");
    await page.getByLabel("Role").selectOption("team-admin");
    await page.getByRole("button", { name: "Change" }).click();
    await page.getByText("team-admin, added").waitFor();
    await page.getByRole("link", { name: "what they did" }).click();
    await page.getByRole("cell", { name: "changed the user" }).waitFor();
    await page.goto(new URL("/audit", page.url()).href);
    await page.getByRole("cell", { name: "started the tunnel" }).waitFor();
    await checkForEverybody(page, "audit");
    await page.goto(new URL("/audit?user=nobody", page.url()).href);
    await checkForEverybody(page, "audit-nothing");
  },
});

Deno.test({
  ...needs("chromium"),
  name: "the page of a tunnel shows an error soon after it has happened",
  async fn() {
    await using system = await runningSystem();
    await using chromium = await startChromium();
    const page = await openPage(chromium, system);
    await signIn(page);
    await page.getByRole("link", { name: TUNNEL }).click();
    await page.getByRole("heading", { name: "Recent errors" }).waitFor();

    await get("http://nowhere.invalid/", {
      port: system.proxyAddress.port,
      credentials: `demo+${TUNNEL}:${USER.key}`,
    });

    const row = page.getByRole("row", { name: /nowhere\.invalid/ });
    await row.waitFor();
    assert.match(
      await row.innerText(),
      /\d s ago\s+GET\s+nowhere\.invalid\s+502\s+name_not_found/,
    );
  },
});

Deno.test({
  ...needs("chromium"),
  name: "Stop on the page ends the client, and the list says so by itself",
  async fn() {
    await using system = await runningSystem();
    await using chromium = await startChromium();
    const page = await openPage(chromium, system);
    await signIn(page);
    const ended = assert.rejects(system.client.done, /webui/);

    await page.getByRole("link", { name: TUNNEL }).click();
    await page.getByRole("link", { name: "Stop …" }).click();
    await page.getByRole("button", { name: "Stop tunnel" }).click();

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
    await using chromium = await startChromium();
    const page = await openPage(chromium, system);
    await signIn(page);
    await summary(page, "2 active tunnels").waitFor();

    await page.getByRole("link", { name: "Stop my tunnels" }).click();
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
    const page = await openPage(chromium, system);
    await page.keyboard.type(USER.name);
    await page.keyboard.press("Tab");
    await page.keyboard.type(USER.key);
    await page.keyboard.press("Enter");
    await page.getByRole("cell", { name: TUNNEL, exact: true }).waitFor();

    await page.getByRole("searchbox").focus();
    await page.keyboard.type("nothing like this");
    await page.keyboard.press("Enter");
    await page.getByText("No tunnel is like that").waitFor();
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    await page.goto(system.server.url);
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
  },
});
