/** @module */
import assert from "node:assert/strict";
import { expose } from "../../src/metrics/exposition.ts";
import { ProxyMetrics } from "../../src/metrics/proxy_metrics.ts";
import { createRegistry, type Registry } from "../../src/metrics/registry.ts";
import { parseMetrics } from "../testing/metrics_text.ts";

const OPEN = /^application\/openmetrics-text; *version=1\.0\.0/;
const PLAIN = /^text\/plain; *version=0\.0\.4/;

function countedRegistry(): Registry {
  const registry = createRegistry({ version: "1", commit: "", time: "" });
  new ProxyMetrics(registry).fail("net_dial");
  return registry;
}

for (
  const [accept, expected] of [
    [undefined, PLAIN],
    ["*/*", PLAIN],
    ["text/plain;version=0.0.4", PLAIN],
    ["application/openmetrics-text;version=1.0.0", OPEN],
    // What Prometheus 2.42 sends.
    [
      "application/openmetrics-text;version=1.0.0;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
      OPEN,
    ],
    ["application/openmetrics-text;q=0.3,text/plain;q=0.5", PLAIN],
    ["application/openmetrics-text;q=0", PLAIN],
  ] as const
) {
  Deno.test(`expose() gives the accepted format: ${accept}`, async () => {
    const { contentType } = await expose(countedRegistry(), accept);

    assert.match(contentType, expected);
  });
}

Deno.test("expose() writes both formats at the same time", async () => {
  const registry = countedRegistry();

  const [open, plain] = await Promise.all([
    expose(registry, "application/openmetrics-text"),
    expose(registry, undefined),
  ]);

  assert.match(open.text, /\n# EOF\n$/);
  assert.doesNotMatch(plain.text, /# EOF/);
  const name = "sallyport_proxy_errors";
  const counted = [{
    name: `${name}_total`,
    labels: { reason: "net_dial" },
    value: 1,
  }];
  assert.deepEqual(parseMetrics(open.text).get(name)?.samples, counted);
  assert.deepEqual(
    parseMetrics(plain.text).get(`${name}_total`)?.samples,
    counted,
  );
});
