import assert from "node:assert/strict";
import { createRegistry } from "../../src/metrics/registry.ts";
import { registerStorage } from "../../src/metrics/storage_metrics.ts";

function samples(text: string): readonly string[] {
  return text.split("\n").filter((line) => /^sallyport_storage/.test(line));
}

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
