/** @module */
import assert from "node:assert/strict";
import { configure, type LogRecord, reset } from "@logtape/logtape";
import { logger } from "../../src/log/log.ts";
import { InsecureMetrics } from "../../src/metrics/dial_metrics.ts";
import { createRegistry } from "../../src/metrics/registry.ts";
import { insecureHosts } from "../../src/proxy/insecure_hosts.ts";

const registry = createRegistry({ version: "1", commit: "", time: "" });
const options = {
  metrics: new InsecureMetrics(registry),
  log: logger("proxy"),
};

Deno.test("insecureHosts() logs the first connection to each host and counts all", async () => {
  const records: LogRecord[] = [];
  await configure({
    sinks: { memory: (record) => records.push(record) },
    loggers: [
      { category: "sallyport", sinks: ["memory"], lowestLevel: "warning" },
      { category: ["logtape", "meta"], lowestLevel: "error" },
    ],
  });

  const hosts = insecureHosts(["\\.test$", "-^safe"], options);
  assert.equal(hosts?.matches("old.test"), true);
  assert.equal(hosts?.matches("safe.test"), false);
  for (const host of ["old.test", "old.test", "older.test"]) {
    hosts.onConnection(host, `of ${host}`);
  }
  await reset();

  assert.deepEqual(
    records.map(({ properties }) => properties),
    [
      { id: "of old.test", host: "old.test" },
      { id: "of older.test", host: "older.test" },
    ],
  );
  assert.match(
    await registry.metrics(),
    /^sallyport_insecure_connections_total 3$/m,
  );
});

Deno.test("insecureHosts() has none unless some are named, and names what it cannot read", () => {
  assert.equal(insecureHosts([], options), undefined);
  assert.throws(() => insecureHosts(["a", "b("], options), /"b\("/);
});
