/**
 * A real browser, without a window and with nothing of its own to say on the
 * network.
 *
 * @module
 */
import { type Browser, chromium } from "playwright-core";
import { requireTool } from "./needs.ts";

const ARGUMENTS: readonly string[] = [
  // As root in containers the sandbox cannot be set up; the pages are ours.
  "--no-sandbox",
  "--disable-gpu",
  // HTTP/3 would go round the proxy.
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** The proxy a browser uses for everything, loopback addresses included. */
export interface ChromiumProxy {
  /** `http://127.0.0.1:3128` */
  readonly server: string;
  readonly username?: string;
  readonly password?: string;
}

/** A browser; disposing it closes it. */
export interface TestBrowser extends AsyncDisposable {
  readonly browser: Browser;
}

/** Starts Chromium with a profile that is thrown away. */
export async function startChromium(
  { proxy, args = [] }: {
    readonly proxy?: ChromiumProxy;
    readonly args?: readonly string[];
  } = {},
): Promise<TestBrowser> {
  const browser = await chromium.launch({
    executablePath: requireTool("chromium"),
    // Chromium itself never asks a proxy for loopback addresses by default.
    args: [...ARGUMENTS, ...args],
    ...proxy === undefined
      ? {}
      : { proxy: { ...proxy, bypass: "<-loopback>" } },
  });
  return { browser, [Symbol.asyncDispose]: () => browser.close() };
}
