/**
 * Signing in and out at the server's pages, and what happens when one is not
 * signed in any more.
 *
 * @module
 */
import type { Page } from "playwright-core";
import { startChromium } from "../testing/chromium.ts";
import { needs } from "../testing/needs.ts";
import {
  checkForEverybody,
  fillSignIn,
  goTo,
  openPage,
  signedInPage,
  signIn,
  summary,
} from "../testing/pages.ts";
import { Relay } from "../testing/relay.ts";
import { TUNNEL, USER } from "../testing/user.ts";
import { runningSystem, startTestServer } from "../testing/running_system.ts";

/** In another window of the same browser. */
async function signOutElsewhere(page: Page): Promise<void> {
  const other = await page.context().newPage();
  await other.goto(new URL("/", page.url()).href);
  await other.getByRole("button", { name: "Sign out" }).click();
  await other.getByRole("heading", { name: "Sign in" }).waitFor();
}

const WRONG = { name: USER.name, key: "wrong" } as const;

Deno.test({
  ...needs("chromium"),
  name: "a user who signs in gets to the page that they wanted, and not back",
  async fn() {
    await using server = await startTestServer();
    await using chromium = await startChromium();
    const page = await openPage(chromium, `${server.url}audit?user=jane`);

    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    await checkForEverybody(page, "sign-in");
    await signIn(page);
    await page.getByText("No entry about “jane”").waitFor();
    await page.getByRole("link", { name: "Sallyport" }).click();
    await page.getByRole("heading", { name: "Tunnels" }).waitFor();
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    await page.goBack();
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
  },
});

Deno.test({
  ...needs("chromium"),
  name: "a wrong key shows an error, and too many show how long to wait",
  async fn() {
    await using server = await startTestServer();
    await using chromium = await startChromium();
    const page = await openPage(chromium, server.url);
    const alert = page.getByRole("alert");

    await fillSignIn(page, WRONG);
    await alert.filter({ hasText: "User name or access key is wrong" })
      .waitFor();
    await checkForEverybody(page, "sign-in-wrong");
    while (await alert.filter({ hasText: "Too many failures" }).count() === 0) {
      await fillSignIn(page, WRONG);
    }
    await fillSignIn(page, USER);

    await alert.filter({ hasText: "Wait a minute, then try again" }).waitFor();
    await checkForEverybody(page, "sign-in-throttled");
  },
});

Deno.test({
  ...needs("chromium"),
  name: "a live page says that its session has ended, and leads back to itself",
  async fn() {
    await using system = await runningSystem();
    const { port } = new URL(system.server.url);
    await using relay = await Relay.start(Number(port));
    await using chromium = await signedInPage(
      `https://127.0.0.1:${relay.port}/`,
    );
    const { page } = chromium;
    const isLive = page.waitForResponse(/tunnels\/.*\/events/);
    await page.getByRole("link", { name: TUNNEL }).click();
    const heading = page.getByRole("heading", { name: TUNNEL, exact: true });
    await isLive;
    await signOutElsewhere(page);

    relay.cut();
    await page.getByRole("link", { name: "Reload it" }).click();
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    await signIn(page);

    await heading.waitFor();
  },
});

Deno.test({
  ...needs("chromium"),
  name: "a form of a session that has ended only leads to the sign-in page",
  async fn() {
    await using server = await startTestServer();
    await using chromium = await signedInPage(server.url);
    const { page } = chromium;
    await goTo(page, "Keys");
    await page.getByLabel("Name").fill("ci");
    await signOutElsewhere(page);

    await page.getByRole("button", { name: "Create key" }).click();
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    await signIn(page);
    await goTo(page, "Keys");

    await page.getByText("You have only one key").waitFor();
  },
});

Deno.test({
  ...needs("chromium"),
  name: "a form that was made for another session is refused, in words",
  async fn() {
    await using server = await startTestServer();
    await using chromium = await signedInPage(server.url);
    const { page } = chromium;
    await goTo(page, "Keys");
    await page.getByLabel("Name").fill("ci");
    const other = await page.context().newPage();
    await other.goto(`${server.url}login`);
    await signIn(other);

    await page.getByRole("button", { name: "Create key" }).click();

    await page.getByText("its token is not valid, load the page again")
      .waitFor();
    await page.getByRole("button", { name: "Sign out" }).waitFor();
    await checkForEverybody(page, "form-refused");
    await page.getByRole("link", { name: "Back to the tunnels" }).click();
    await goTo(page, "Keys");
    await page.getByText("You have only one key").waitFor();
  },
});

Deno.test({
  ...needs("chromium"),
  name: "everything can be done without scripts",
  async fn() {
    await using system = await runningSystem();
    await using chromium = await startChromium();
    const page = await openPage(chromium, system.server.url, {
      javaScriptEnabled: false,
    });

    await signIn(page);
    await summary(page, "1 active tunnel").waitFor();
    await page.getByLabel("State").selectOption("stopped");
    await page.getByRole("button", { name: "Show" }).click();
    await page.getByText("No tunnel is stopped").waitFor();
    await page.getByRole("link", { name: "Show all" }).click();
    await page.getByRole("link", { name: TUNNEL }).click();
    await page.locator("noscript").waitFor();
    const ended = system.client.done.catch(() => {});
    await page.getByRole("link", { name: "Stop …" }).click();
    await page.getByRole("button", { name: "Stop tunnel" }).click();
    await ended;
    await page.reload();

    await page.getByRole("cell", { name: "Stopped (webui)" }).waitFor();
  },
});
