/** @module */
import assert from "node:assert/strict";
import { ProxyMetrics } from "../../src/metrics/proxy_metrics.ts";
import { createRegistry, type Registry } from "../../src/metrics/registry.ts";

function createMetrics(): { metrics: ProxyMetrics; registry: Registry } {
  const registry = createRegistry({ version: "1", commit: "", time: "" });
  return { metrics: new ProxyMetrics(registry), registry };
}

/** The lines of the metrics whose name begins with `name`, without comments. */
async function linesOf(registry: Registry, name: string): Promise<string[]> {
  const text = await registry.metrics();
  return text.split("\n").filter((line) =>
    line.startsWith(`sallyport_${name}`)
  );
}

Deno.test("ProxyMetrics counts responses by status and method", async () => {
  const { metrics, registry } = createMetrics();

  metrics.begin("GET");
  metrics.end("GET", 200, 0.1);
  metrics.begin("GET");
  metrics.end("GET", 200, 0.1);
  metrics.begin("CONNECT");
  metrics.end("CONNECT", 502, 0.1);

  assert.deepEqual(await linesOf(registry, "http_requests_total"), [
    'sallyport_http_requests_total{code="200",method="GET"} 2',
    'sallyport_http_requests_total{code="502",method="CONNECT"} 1',
  ]);
});

Deno.test("ProxyMetrics counts requests that wait for their response", async () => {
  const { metrics, registry } = createMetrics();

  metrics.begin("GET");
  metrics.begin("GET");
  metrics.end("GET", 200, 0.1);

  assert.deepEqual(await linesOf(registry, "http_requests_in_flight"), [
    'sallyport_http_requests_in_flight{method="GET"} 1',
  ]);
});

Deno.test("ProxyMetrics puts the time to a response into its bucket", async () => {
  const { metrics, registry } = createMetrics();

  metrics.begin("GET");
  metrics.end("GET", 200, 0.2);

  const name = "http_request_duration_seconds";
  const labels = 'code="200",method="GET"';
  const lines = await linesOf(registry, name);
  assert.deepEqual(lines.filter((line) => /le="0\.(1|25)"|_sum/.test(line)), [
    `sallyport_${name}_bucket{le="0.1",${labels}} 0`,
    `sallyport_${name}_bucket{le="0.25",${labels}} 1`,
    `sallyport_${name}_sum{${labels}} 0.2`,
  ]);
});

Deno.test("ProxyMetrics has one label value for all methods that somebody made up", async () => {
  const { metrics, registry } = createMetrics();
  for (const method of ["BREW", "get", "__proto__"]) {
    metrics.begin(method);
    metrics.end(method, 200, 0.1);
  }

  assert.deepEqual(await linesOf(registry, "http_requests_total"), [
    'sallyport_http_requests_total{code="200",method="OTHER"} 3',
  ]);
  assert.deepEqual(await linesOf(registry, "http_requests_in_flight"), [
    'sallyport_http_requests_in_flight{method="OTHER"} 0',
  ]);
});

Deno.test("ProxyMetrics counts failures by reason", async () => {
  const { metrics, registry } = createMetrics();

  metrics.fail("net_dial");
  metrics.fail("net_dial");

  assert.deepEqual(await linesOf(registry, "proxy_errors_total"), [
    'sallyport_proxy_errors_total{reason="net_dial"} 2',
  ]);
});
