import assert from "node:assert/strict";
import { registerLog } from "../../src/metrics/log_metrics.ts";
import { createRegistry } from "../../src/metrics/registry.ts";
import { registerStorage } from "../../src/metrics/storage_metrics.ts";

function samples(text: string): readonly string[] {
  return text.split("\n").filter((line) =>
    /^sallyport_(?:errors|log|storage)/.test(line)
  );
}

Deno.test("registerLog() counts errors by module, and lines that are missing", async () => {
  const registry = createRegistry({ version: "1", commit: "", time: "" });
  const log = { errors: new Map([["proxy", 2]]), dropped: 0 };
  registerLog(registry, log);

  log.dropped = 3;
  log.errors.set("proxy", 4);
  await registry.metrics();

  assert.deepEqual(samples(await registry.metrics()), [
    'sallyport_errors_total{name="proxy"} 4',
    "sallyport_log_lines_dropped_total 3",
  ]);
});

Deno.test("registerStorage() says whether the database can be written", async () => {
  const registry = createRegistry({ version: "1", commit: "", time: "" });
  const reasons: string[] = [];
  const health = { failures: 0, problem: () => reasons[0] };
  registerStorage(registry, health);
  const before = samples(await registry.metrics());

  health.failures = 2;
  reasons.push("the disk is full");

  assert.deepEqual([before, samples(await registry.metrics())], [[
    "sallyport_storage_write_failures_total 0",
    "sallyport_storage_writable 1",
  ], [
    "sallyport_storage_write_failures_total 2",
    "sallyport_storage_writable 0",
  ]]);
});
