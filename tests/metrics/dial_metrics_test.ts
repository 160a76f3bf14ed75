import assert from "node:assert/strict";

import { DialMetrics } from "../../src/metrics/dial_metrics.ts";
import { createRegistry } from "../../src/metrics/registry.ts";

Deno.test("DialMetrics counts attempts after the first", async () => {
  const registry = createRegistry({ version: "1", commit: "", time: "" });
  const metrics = new DialMetrics(registry);

  metrics.retry();
  metrics.retry();

  assert.match(
    await registry.metrics(),
    /^sallyport_dialer_retries_total 2$/m,
  );
});
