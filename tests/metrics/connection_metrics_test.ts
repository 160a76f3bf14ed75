/** @module */
import assert from "node:assert/strict";
import { ConnectionMetrics } from "../../src/metrics/connection_metrics.ts";
import { createRegistry } from "../../src/metrics/registry.ts";
import { parseMetrics } from "../testing/metrics_text.ts";

const OPENED = { address: "127.0.0.1:8444", seconds: 0.1 } as const;

Deno.test("ConnectionMetrics tells the address of the server, and of no site", async () => {
  const registry = createRegistry({ version: "1", commit: "", time: "" });
  for (const kind of ["dialer", "tunnel_dialer"] as const) {
    new ConnectionMetrics(registry, kind).opened("127.0.0.1", OPENED);
  }

  const families = parseMetrics(await registry.metrics());
  const addressesOf = (name: string) =>
    new Set(
      families.get(`sallyport_${name}`)?.samples
        .map(({ labels }) => labels["address"]),
    );
  assert.deepEqual(
    addressesOf("tunnel_connect_duration_seconds"),
    new Set([OPENED.address]),
  );
  assert.deepEqual(
    addressesOf("dialer_connect_duration_seconds"),
    new Set([undefined]),
  );
});

Deno.test("ConnectionMetrics has a bounded number of hosts, and one for this machine", async () => {
  const registry = createRegistry({ version: "1", commit: "", time: "" });
  const metrics = new ConnectionMetrics(registry, "dialer");

  for (const host of ["127.0.0.1", "::1", "shop.localhost"]) {
    metrics.opened(host, OPENED);
  }
  metrics.closed("localhost");
  for (let at = 0; at < 500; at += 1) metrics.opened(`h${at}.test`, OPENED);

  const families = parseMetrics(await registry.metrics());
  const dialed = families.get("sallyport_dialer_dialed_total")?.samples ?? [];
  assert.equal(dialed.length, 102);
  assert.equal(dialed[0]?.labels["host"], "localhost");
  assert.equal(dialed[0]?.value, 3);
  assert.equal(dialed.at(-1)?.labels["host"], "other");
  assert.equal(dialed.at(-1)?.value, 400);
  const active = families.get("sallyport_dialer_cx_active")?.samples ?? [];
  assert.equal(active[0]?.value, 2);
});
