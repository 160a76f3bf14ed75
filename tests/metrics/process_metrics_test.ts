/** @module */
import assert from "node:assert/strict";
import {
  type FileNumbers,
  registerDroppedLines,
  registerFiles,
  registerLoopLag,
} from "../../src/metrics/process_metrics.ts";
import { createRegistry } from "../../src/metrics/registry.ts";
import { parseMetrics } from "../testing/metrics_text.ts";

/** The values of the three metrics of files. */
async function scrapeFiles(
  count: FileNumbers | undefined,
): Promise<readonly (number | undefined)[]> {
  const registry = createRegistry({ version: "1", commit: "", time: "" });
  registerFiles(registry, () => count);
  const families = parseMetrics(await registry.metrics());
  return ["open", "free", "limit"].map((name) =>
    families.get(`sallyport_files_${name}`)?.samples[0]?.value
  );
}

Deno.test("files are open, free, and their limit as far as it is known", async () => {
  assert.deepEqual(await scrapeFiles({ open: 20, free: 256 }), [20, 256, 276]);
  assert.deepEqual(await scrapeFiles({ open: 90, free: 10 }), [90, 10, 100]);
  assert.deepEqual(
    await scrapeFiles(undefined),
    [undefined, undefined, undefined],
  );
});

Deno.test("dropped lines are counted where a log of this program is written", async () => {
  const registry = createRegistry({ version: "1", commit: "", time: "" });
  registerDroppedLines(registry, undefined);
  assert.doesNotMatch(await registry.metrics(), /log_lines_dropped/);

  registerDroppedLines(registry, () => 7);

  assert.match(
    await registry.metrics(),
    /^sallyport_log_lines_dropped_total 7$/m,
  );
});

Deno.test("files are counted once for all metrics of a scrape, and their limit is remembered", async () => {
  const registry = createRegistry({ version: "1", commit: "", time: "" });
  const asked: number[] = [];
  registerFiles(registry, (atMost) => {
    asked.push(atMost);
    return { open: undefined, free: 0 };
  });
  await registry.metrics();
  await registry.metrics();
  assert.deepEqual(asked, [256]);
});

Deno.test("where no file is free, as many are open as were ever counted", async () => {
  assert.deepEqual(await scrapeFiles({ open: undefined, free: 0 }), [0, 0, 0]);
  assert.deepEqual(await scrapeFiles({ open: 20, free: 255 }), [20, 255, 275]);
});

Deno.test("the lag of the event loop has a bucket from an idle one to one that is noticed", async () => {
  const registry = createRegistry({ version: "1", commit: "", time: "" });
  const observe = registerLoopLag(registry);
  observe(0.25);
  observe(3);
  const lines = (await registry.metrics()).split("\n").filter((line) =>
    line.startsWith("sallyport_event_loop_lag_seconds")
  );
  const bounds = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];
  const name = "sallyport_event_loop_lag_seconds";
  assert.deepEqual(lines, [
    ...bounds.map((le) => `${name}_bucket{le="${le}"} ${le < 0.25 ? 0 : 1}`),
    `${name}_bucket{le="+Inf"} 2`,
    `${name}_sum 3.25`,
    `${name}_count 2`,
  ]);
});
