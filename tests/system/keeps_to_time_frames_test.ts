/**
 * Promise: outside its hours the client takes nothing new, and running requests
 * go on.
 */
import assert from "node:assert/strict";

import { parseTimeFrame } from "../../src/async/time_frame.ts";
import { startOrigin } from "../testing/origin.ts";
import { BrowserConnection } from "../testing/browser.ts";
import { runningSystem } from "../testing/running_system.ts";

// The 2nd of June 2025 was a Monday.
const INSIDE = new Date(2025, 5, 2, 12, 59);
const OUTSIDE = new Date(2025, 5, 2, 13, 0);

Deno.test("--allow-time-frame refuses with 451 outside, and lets connections live on", async () => {
  await using origin = await startOrigin();
  let time = INSIDE;
  const timeWindow = {
    frames: [parseTimeFrame("mon/11-13")],
    now: () => time.getTime(),
  };
  await using system = await runningSystem({ client: { timeWindow } });
  using plain = await BrowserConnection.open(system.proxy, { site: origin });
  using tunnelled = await BrowserConnection.open(system.proxy, {
    site: origin,
    way: "connect",
  });
  const inside = await plain.exchange("GET", "/status/200");
  await inside.text();

  time = OUTSIDE;
  const outside = await plain.exchange("GET", "/status/200");
  const survivor = await tunnelled.exchange("GET", "/status/200");

  assert.equal(inside.status, 200);
  assert.equal(outside.status, 451);
  assert.match(outside.get("X-Sallyport-Error") ?? "", /^denied_time /);
  assert.match(await outside.text(), /for administrative reasons/);
  assert.equal(survivor.status, 200);
});
