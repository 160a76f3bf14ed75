/** @module */
import assert from "node:assert/strict";
import { PluginMetrics } from "../../src/metrics/plugin_metrics.ts";
import { createRegistry, type Registry } from "../../src/metrics/registry.ts";

function createMetrics(): { metrics: PluginMetrics; registry: Registry } {
  const registry = createRegistry({ version: "1", commit: "", time: "" });
  return { metrics: new PluginMetrics(registry), registry };
}

/** The lines of the metrics whose name begins with `name`, without comments. */
async function linesOf(registry: Registry, name: string): Promise<string[]> {
  const text = await registry.metrics();
  return text.split("\n").filter((line) =>
    line.startsWith(`sallyport_plugin_${name}`)
  );
}

Deno.test("PluginMetrics counts calls and failures of each hook", async () => {
  const { metrics, registry } = createMetrics();
  const call = { plugin: "a", hook: "request", seconds: 0.02 };

  metrics.observe({ ...call, failed: false });
  metrics.observe({ ...call, failed: true });
  metrics.observe({ ...call, hook: "resolve", failed: false });

  assert.deepEqual(await linesOf(registry, "calls_total"), [
    'sallyport_plugin_calls_total{plugin="a",hook="request"} 2',
    'sallyport_plugin_calls_total{plugin="a",hook="resolve"} 1',
  ]);
  assert.deepEqual(await linesOf(registry, "errors_total"), [
    'sallyport_plugin_errors_total{plugin="a",hook="request"} 1',
  ]);
  const buckets = await linesOf(registry, "call_duration_seconds_bucket");
  const labels = 'plugin="a",hook="request"';
  assert.deepEqual(
    buckets.filter((line) => /le="0\.(01|1)",.*req/.test(line)),
    [
      `sallyport_plugin_call_duration_seconds_bucket{le="0.01",${labels}} 0`,
      `sallyport_plugin_call_duration_seconds_bucket{le="0.1",${labels}} 2`,
    ],
  );
});

Deno.test("PluginMetrics knows which plugins fail, and counts what passed without them", async () => {
  const { metrics, registry } = createMetrics();

  metrics.setFailing("a", true);
  metrics.setFailing("b", true);
  metrics.setFailing("b", false);
  metrics.skipped("a", "request");
  metrics.skipped("a", "request");

  assert.deepEqual(await linesOf(registry, "failing"), [
    'sallyport_plugin_failing{plugin="a"} 1',
    'sallyport_plugin_failing{plugin="b"} 0',
  ]);
  assert.deepEqual(await linesOf(registry, "skipped_total"), [
    'sallyport_plugin_skipped_total{plugin="a",hook="request"} 2',
  ]);
});

Deno.test("PluginMetrics knows which plugins are in use", async () => {
  const { metrics, registry } = createMetrics();

  metrics.setEnabled("a", true);
  metrics.setEnabled("b", true);
  metrics.setEnabled("b", false);

  assert.deepEqual(await linesOf(registry, "enabled"), [
    'sallyport_plugin_enabled{plugin="a"} 1',
    'sallyport_plugin_enabled{plugin="b"} 0',
  ]);
});

Deno.test("PluginMetrics does not grow with every name that a file is given", async () => {
  const { metrics, registry } = createMetrics();

  for (let at = 0; at < 1_000; at += 1) metrics.setEnabled(`a${at}`, true);

  const lines = await linesOf(registry, "enabled");
  assert.equal(lines.length, 251);
  assert.equal(lines.at(-1), 'sallyport_plugin_enabled{plugin="OTHER"} 1');
});

Deno.test("PluginMetrics counts memory that hooks use, refusals and closed WebSockets", async () => {
  const { metrics, registry } = createMetrics();
  assert.deepEqual(await linesOf(registry, "read_bytes"), [
    "sallyport_plugin_read_bytes 0",
  ]);
  assert.deepEqual(await linesOf(registry, "reads_refused_total"), [
    "sallyport_plugin_reads_refused_total 0",
  ]);

  metrics.setReadBytes(7);
  metrics.setReadBytes(5);
  metrics.countReadRefused();
  metrics.countReadRefused();
  metrics.countSocketClosed(1009);
  metrics.countSocketClosed(1009);
  metrics.countSocketClosed(1011);

  assert.deepEqual(await linesOf(registry, "read_bytes"), [
    "sallyport_plugin_read_bytes 5",
  ]);
  assert.deepEqual(await linesOf(registry, "reads_refused_total"), [
    "sallyport_plugin_reads_refused_total 2",
  ]);
  assert.deepEqual(await linesOf(registry, "websockets_closed_total"), [
    'sallyport_plugin_websockets_closed_total{code="1009"} 2',
    'sallyport_plugin_websockets_closed_total{code="1011"} 1',
  ]);
});

Deno.test("PluginMetrics has a bucket for each kind of hook", async () => {
  const { metrics, registry } = createMetrics();
  metrics.observe({ plugin: "a", hook: "b", seconds: 0, failed: false });
  const bounds = (await linesOf(registry, "call_duration_seconds_bucket"))
    .map((line) => /le="([^"]*)"/.exec(line)?.[1]);
  assert.deepEqual(bounds, [
    ...["0.00001", "0.00005", "0.0001", "0.0005", "0.001", "0.01", "0.1"],
    ...["1", "5", "+Inf"],
  ]);
});
