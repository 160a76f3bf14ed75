import assert from "node:assert/strict";
import { ProxyMetrics } from "../../src/metrics/proxy_metrics.ts";
import { createRegistry } from "../../src/metrics/registry.ts";
import { DomainList } from "../../src/net/domains/domain_list.ts";
import { createProxy } from "../../src/proxy/proxy.ts";
import { connect, contextOf, get, upgrade } from "./requests.ts";

for (
  const request of [
    get("bad.test:8080"),
    upgrade("BAD.test."),
    connect("bad.test:443"),
  ]
) {
  Deno.test(`a client denies what it is told to, whatever the server thinks: ${request.kind}`, async () => {
    const registry = createRegistry({ version: "1", commit: "", time: "" });
    await using proxy = createProxy({
      resolve: () => Promise.reject(new Error("asked for a denied host")),
      localhost: "deny",
      denied: DomainList.parse(["^bad\\."]),
      metrics: new ProxyMetrics(registry),
    });

    const response = await proxy.handler(request, contextOf());

    assert.equal(response.status, 403);
    assert.match(
      response.fields.get("X-Sallyport-Error") ?? "",
      /^denied_domain Proxying is denied to host "bad\.test/i,
    );
  });
}
