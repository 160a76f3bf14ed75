import assert from "node:assert/strict";
import { clientPipeline } from "../../../src/client/proxy/pipeline.ts";
import type { ClientOptions } from "../../../src/client/options.ts";
import { ClientStatus } from "../../../src/client/status/status.ts";
import type { Handler } from "../../../src/http/exchange.ts";
import { ProxyMetrics } from "../../../src/metrics/proxy_metrics.ts";
import { createRegistry } from "../../../src/metrics/registry.ts";
import { SenderTallies } from "../../../src/proxy/count_senders.ts";
import { PROBE_HOST } from "../../../src/tunnel/protocol.ts";
import { connect, contextOf, get, upgrade } from "../../proxy/requests.ts";

/** A pipeline in which no request may be sent to its site. */
function sealedPipeline(options: Partial<ClientOptions>): Handler {
  const registry = createRegistry({ version: "1", commit: "", time: "" });
  return clientPipeline({
    server: "https://server.test",
    username: "jane",
    accessKey: "a-key",
    tunnelName: "lab",
    ...options,
  }, {
    send: () => Promise.reject(new Error("sent to the site")),
    plugins: undefined,
    metrics: new ProxyMetrics(registry),
    senders: new SenderTallies(),
    status: new ClientStatus(),
  }).handler;
}

for (
  const request of [
    get("bad.test:8080"),
    upgrade("BAD.test."),
    connect("bad.test:443"),
  ]
) {
  Deno.test(`a client denies its denied domains itself: ${request.kind}`, async () => {
    const handler = sealedPipeline({ denyDomains: ["^bad\\."] });

    const response = await handler(request, contextOf());

    assert.equal(response.status, 403);
    assert.match(
      response.fields.get("X-Sallyport-Error") ?? "",
      /^denied_domain Proxying is denied to host "bad\.test/i,
    );
  });
}

Deno.test("a probe passes, whatever the rules say", async () => {
  const handler = sealedPipeline({ denyDomains: ["all"] });

  const response = await handler(get(PROBE_HOST), contextOf());

  assert.equal(response.status, 204);
});

Deno.test("an error of any step or of the site becomes a page", async () => {
  const response = await sealedPipeline({})(get("a.test"), contextOf());

  assert.equal(response.status, 500);
  assert.match(response.fields.get("X-Sallyport-Error") ?? "", /^unexpected_/);
});
