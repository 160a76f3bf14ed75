/**
 * Promise: every metric and label in the
 * queries of `.github/prometheus/dashboard.json` is in a scrape of a running
 * client or server.
 */
import assert from "node:assert/strict";
import { z } from "zod";
import dashboard from "../../.github/prometheus/dashboard.json" with {
  type: "json",
};
import { startOrigin } from "../testing/origin.ts";
import { parseMetrics, type Sample } from "../testing/metrics_text.ts";
import { get } from "../testing/browser.ts";
import { CREDENTIALS, USER } from "../testing/user.ts";
import { runningSystem } from "../testing/running_system.ts";

const DASHBOARD = z.object({
  panels: z.array(z.object({
    targets: z.array(z.object({ expr: z.string(), legendFormat: z.string() })),
  })),
});

/** Metrics without a value until something goes wrong, or without plugins, and the labels they have then. */
const ONLY_AFTER_FAILURES: ReadonlyMap<string, readonly string[]> = new Map([
  ["sallyport_connections_refused_total", ["port", "reason"]],
  ["sallyport_errors_total", ["name"]],
  ["sallyport_plugin_calls_total", ["plugin", "hook"]],
  ["sallyport_plugin_errors_total", ["plugin", "hook"]],
  ["sallyport_tunnel_errors_total", ["type"]],
  ["sallyport_tunnel_reconnects_total", ["reason"]],
]);

async function scrape(
  url: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<readonly Sample[]> {
  const answer = await fetch(url, { headers });
  assert.equal(answer.status, 200);
  return [...parseMetrics(await answer.text()).values()]
    .flatMap(({ samples }) => samples);
}

Deno.test("one request moves the counters, and the dashboard reads no others", async (t) => {
  await using origin = await startOrigin();
  await using system = await runningSystem({
    server: { droppedLogLines: () => 0 },
    client: {
      apiAddress: { hostname: "127.0.0.1", port: 0 },
      proxyLocalhost: "allow",
    },
  });
  const metricsUrl = `${system.client.apiUrl}metrics`;
  const proxy = { port: system.proxyAddress.port, credentials: CREDENTIALS };
  const countOf = (samples: readonly Sample[], name: string) =>
    samples.filter((each) => each.name === name)
      .reduce((sum, { value }) => sum + value, 0);
  const before = await scrape(metricsUrl);

  await get(`${origin.url}/status/200`, proxy);
  await get("http://nowhere.invalid/", proxy);

  const samples = await scrape(metricsUrl);
  for (const name of ["http_requests_total", "dialer_dialed_total"]) {
    const metric = `sallyport_${name}`;
    assert.ok(countOf(samples, metric) > countOf(before, metric), name);
  }
  const names = new Set(samples.map(({ name }) => name));
  await t.assertSnapshot([...names].toSorted());
  const { all, answer } = await both();
  assert.ok(answer.length > 0);
  for (const { expr, legendFormat } of targets()) {
    const metrics = [...expr.matchAll(/sallyport_\w+/g)].map(([name]) => name);
    const labels = [
      ...[...expr.matchAll(/by \(([^)]+)\)/g)]
        .flatMap(([, list = ""]) => list.split(", ")),
      ...[...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name),
    ];
    assert.ok(metrics.length > 0, expr);
    for (const metric of metrics) {
      const has = (label: string = "") =>
        ONLY_AFTER_FAILURES.get(metric)?.includes(label) ||
        all.some(({ name, labels: own }) =>
          name === metric && Object.hasOwn(own, label)
        );
      const exists = ONLY_AFTER_FAILURES.has(metric) ||
        all.some(({ name }) => name === metric);
      assert.ok(exists, `${metric} is not counted`);
      for (const label of labels) assert.ok(has(label), `${label} of ${expr}`);
    }
  }

  async function both() {
    const authorization = `Basic ${btoa(`${USER.name}:${USER.key}`)}`;
    const certificate = system.server.ca?.pem ?? "";
    using client = Deno.createHttpClient({ caCerts: [certificate] });
    const reply = await fetch(`${system.server.url}metrics`, {
      client,
      headers: { authorization },
    });
    const answer = [...parseMetrics(await reply.text()).values()]
      .flatMap((family) => family.samples);
    return { all: [...samples, ...answer], answer };
  }

  function targets() {
    return DASHBOARD.parse(dashboard).panels.flatMap((panel) => panel.targets);
  }
});
