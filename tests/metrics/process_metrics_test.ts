/** @module */
import assert from "node:assert/strict";
import {
  type FileNumbers,
  registerDroppedLines,
  registerFiles,
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
