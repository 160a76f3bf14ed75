/**
 * Pages in a browser: opened, signed in at, and held to what must be true of
 * all of them.
 *
 * @module
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import type { BrowserContextOptions, Page } from "playwright-core";
import { violationsOf } from "./accessibility.ts";
import { startChromium, type TestBrowser } from "./chromium.ts";
import { USER } from "./user.ts";

const NARROW = { width: 390, height: 844 } as const;
const WIDE = { width: 1280, height: 900 } as const;
/** Where columns just fit. */
const MIDDLE = { width: 1136, height: 900 } as const;

/** Pictures of the pages are kept where this variable says, for people to look at. */
const PICTURES = Deno.env.get("SALLYPORT_TEST_PICTURES");

/** What pages did that their own rules forbid, and what their scripts threw. */
const complaints = new WeakMap<Page, string[]>();

/** Opens a page in a profile of its own. */
export async function openPage(
  { browser }: TestBrowser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<Page> {
  const context = await browser.newContext({
    ignoreHTTPSErrors: true,
    viewport: WIDE,
    ...options,
  });
  const page = await context.newPage();
  const heard: string[] = [];
  complaints.set(page, heard);
  page.on("pageerror", (error) => heard.push(error.message));
  page.on("console", (message) => {
    if (/Content Security Policy/.test(message.text())) {
      heard.push(message.text());
    }
  });
  await page.goto(url);
  return page;
}

/** Chromium, and a page where a user has signed in; disposing it closes both. */
export interface SignedInPage extends TestBrowser {
  readonly page: Page;
}

/** Starts Chromium, opens a page of the server at `url`, and signs in there. */
export async function signedInPage(
  url: string,
  options: BrowserContextOptions = {},
  user: { readonly name: string; readonly key: string } = USER,
): Promise<SignedInPage> {
  await using stack = new AsyncDisposableStack();
  const chromium = stack.use(await startChromium());
  const page = await openPage(chromium, url, options);
  await signIn(page, user);
  const parts = stack.move();
  return {
    page,
    browser: chromium.browser,
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}

/** Signs in at the server's page; resolves when the page behind it is there. */
export async function signIn(
  page: Page,
  { name, key }: { readonly name: string; readonly key: string } = USER,
): Promise<void> {
  await fillSignIn(page, { name, key });
  await page.getByRole("button", { name: "Sign out" }).waitFor();
}

/** Tries to. */
export async function fillSignIn(
  page: Page,
  { name, key }: { readonly name: string; readonly key: string },
): Promise<void> {
  await page.getByLabel("User name").fill(name);
  await page.getByLabel("Access key").fill(key);
  await page.getByRole("button", { name: "Sign in" }).click();
}

/** Follows a link of the banner. */
export async function goTo(page: Page, name: string): Promise<void> {
  await page.getByRole("navigation").getByRole("link", { name }).click();
}

/** The line above a list; a screen reader's copy of it stands elsewhere. */
export function summary(page: Page, text: string): ReturnType<Page["locator"]> {
  return page.locator(".summary", { hasText: text });
}

/** Fails when a page is not for everybody, in any of its looks, or does what its policy forbids. */
export async function checkForEverybody(
  page: Page,
  name: string,
): Promise<void> {
  // Without its style sheet a page is as wide as the longest name.
  await page.waitForLoadState();
  assert.match(await page.title(), /\S · Sallyport$/);
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    for (const viewport of [WIDE, NARROW]) {
      await page.setViewportSize(viewport);
      await takePicture(page, `${name}-${colorScheme}-${viewport.width}`);
      await checkWidth(page, name, viewport);
      assert.deepEqual(await violationsOf(page), [], name);
    }
  }
  await page.setViewportSize(MIDDLE);
  await checkWidth(page, name, MIDDLE);
  await page.setViewportSize(WIDE);
  assert.deepEqual(complaints.get(page), [], name);
}

/** Keeps what a page looks like, for people to look at. */
export async function takePicture(page: Page, name: string): Promise<void> {
  if (PICTURES === undefined) return;
  await page.screenshot({
    path: join(PICTURES, `${name}.png`),
    fullPage: true,
  });
}

async function checkWidth(
  page: Page,
  name: string,
  { width }: { readonly width: number },
): Promise<void> {
  const found = await page.evaluate("document.documentElement.scrollWidth");
  assert.equal(found, width, `${name} is as wide as the window`);
}
