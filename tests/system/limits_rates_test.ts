/**
 * Promise: the client keeps to its rate limits, for all connections together.
 */
import assert from "node:assert/strict";

import type { RateSettings } from "../../src/proxy/throttle.ts";
import { startOrigin } from "../testing/origin.ts";
import { patternBytes } from "../testing/pattern.ts";
import { BrowserConnection, type Way, WAYS } from "../testing/browser.ts";
import { runningSystem } from "../testing/running_system.ts";

const RATE = 1_000_000;
/** Two of them together need half a second at this rate, less the burst of 0.1 s. */
const BYTES = 250_000;
const AT_LEAST = 350;

/** How long two transfers at the same time take, in milliseconds. */
async function timed(
  rates: RateSettings,
  way: Way,
  transfer: (browser: BrowserConnection) => Promise<void>,
): Promise<number> {
  await using origin = await startOrigin();
  await using system = await runningSystem({ client: { rates } });
  const options = { site: origin, way };
  using one = await BrowserConnection.open(system.proxy, options);
  using other = await BrowserConnection.open(system.proxy, options);
  const startedAt = performance.now();
  await Promise.all([transfer(one), transfer(other)]);
  return performance.now() - startedAt;
}

async function download(browser: BrowserConnection): Promise<void> {
  const answer = await browser.exchange("GET", `/bytes/${BYTES}`);
  assert.equal((await answer.text()).length, BYTES);
}

async function upload(browser: BrowserConnection): Promise<void> {
  const content = patternBytes(BYTES);
  const answer = await browser.exchange("POST", "/digest", { content });
  assert.equal(JSON.parse(await answer.text()).bytes, BYTES);
}

for (const way of WAYS) {
  Deno.test(`--read-limit slows what comes from sites (${way})`, async () => {
    assert.ok(await timed({ read: RATE }, way, download) > AT_LEAST);
  });

  Deno.test(`--write-limit slows what is sent to sites (${way})`, async () => {
    assert.ok(await timed({ write: RATE }, way, upload) > AT_LEAST);
  });
}
