import assert from "node:assert/strict";
import { ProxyMetrics } from "../../../src/metrics/proxy_metrics.ts";
import { createRegistry } from "../../../src/metrics/registry.ts";
import { ProxyError } from "../../../src/proxy/errors/errors.ts";
import { LeafCertificates } from "../../../src/server/interception/leaf_certificates.ts";
import type { Authorizer } from "../../../src/server/proxy/authorize.ts";
import { loadInterceptionCa } from "../../../src/server/interception/interception_ca.ts";
import { TlsInterceptor } from "../../../src/server/interception/tls_interceptor.ts";
import { startTunnelProxy } from "../../../src/server/proxy/tunnel_proxy.ts";
import { temporaryDirectory } from "../../system/programs.ts";
import { RawClient } from "../../testing/raw_client.ts";

const GET = "GET http://shop.test/ HTTP/1.1\r\nHost: shop.test\r\n\r\n";

/** All that a connection receives until the proxy closes it. */
async function heard(authorize: Authorizer, requests: string): Promise<string> {
  await using directory = await temporaryDirectory();
  const leaves = new LeafCertificates(
    await loadInterceptionCa(undefined, directory.path),
  );
  await using interceptor = new TlsInterceptor({ leaves });
  const registry = createRegistry({ version: "1", commit: "", time: "" });
  await using proxy = startTunnelProxy({
    address: { hostname: "127.0.0.1", port: 0 },
    authorize,
    metrics: new ProxyMetrics(registry),
    interceptor,
    direct: () => Promise.reject(new TypeError("Nothing goes past it")),
    httpLog: "none",
    pendingIdleTimeout: 1,
  });
  using raw = await RawClient.connect({ port: proxy.address.port });
  await raw.send(requests);
  return await raw.readAll();
}

Deno.test("an idle connection that is not authorized is closed", async () => {
  const text = await heard(
    () => Promise.reject(new ProxyError("credentialsMissing", "")),
    GET,
  );

  assert.match(text, /^HTTP\/1\.1 407 /);
  assert.doesNotMatch(text, /Connection: close/i);
});

Deno.test("a connection that is authorized stays open", async () => {
  let asked = 0;
  const text = await heard(
    () => {
      asked += 1;
      return Promise.resolve({
        tunnels: () => {
          throw new ProxyError("noSuchTunnel", "shop");
        },
      });
    },
    GET + GET.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n"),
  );

  assert.equal(text.match(/HTTP\/1\.1 503 /g)?.length, 2);
  assert.equal(asked, 1);
});
