import assert from "node:assert/strict";
import type { PlainRequest, ProxyRequest } from "../../../src/http/exchange.ts";
import { Fields } from "../../../src/http/fields.ts";
import { ProxyMetrics } from "../../../src/metrics/proxy_metrics.ts";
import { createRegistry } from "../../../src/metrics/registry.ts";
import { ProxyError } from "../../../src/proxy/errors/errors.ts";
import { TlsInterceptor } from "../../../src/server/interception/tls_interceptor.ts";
import { JobAffinity } from "../../../src/server/proxy/job_affinity.ts";
import { tunnelHandler } from "../../../src/server/proxy/pipeline.ts";
import { TunnelRegistry } from "../../../src/server/tunnels/registry.ts";
import { FakeSession } from "../fake_session.ts";

const PORT = 8080;
const TAG = "tag";
const { signal } = new AbortController();

/** What becomes of a request, in one line: the steps that it reached, the status, the reason of an error page. */
async function outcomeOf(
  request: Partial<PlainRequest>,
  { allowAnonymous = false, isKnown = true } = {},
): Promise<string> {
  const steps: string[] = [];
  const { tunnel } = new TunnelRegistry().create({
    owner: "ann",
    name: "lab",
    rules: { deny_domains: ["denied.test"], direct_domains: ["past.test"] },
  });
  const end = (step: string) => ({ fields }: ProxyRequest) => {
    const names = [...fields].map(([name]) => name.toLowerCase());
    const secret = names.filter((name) => /job|proxy-auth/.test(name));
    steps.push(step, ...secret, names.includes("via") ? "via" : "");
    const response = { status: 204, fields: new Fields(), body: undefined };
    return Promise.resolve({ kind: "response" as const, ...response });
  };
  tunnel.attach(Object.assign(new FakeSession(), { handler: end("dispatch") }));
  const metrics = createRegistry({ version: "1", commit: "", time: "" });
  await using interceptor = new TlsInterceptor({
    leaves: { identityOf: () => assert.fail("Nothing is intercepted") },
  });
  const handler = tunnelHandler({
    protocol: "http/1.1",
    remote: "192.0.2.1",
    authorize() {
      steps.push("authorize");
      return isKnown
        ? Promise.resolve({ tunnels: () => [tunnel] })
        : Promise.reject(new ProxyError("credentialsWrong", "ann"));
    },
    ...{ allowAnonymous, signal },
  }, {
    affinity: new JobAffinity(),
    metrics: new ProxyMetrics(metrics),
    direct: end("direct"),
    ...{ interceptor, httpLog: "none", tag: TAG, place: { port: () => PORT } },
  });

  const { status, fields } = await handler({
    kind: "request",
    method: "GET",
    scheme: "http",
    authority: "shop.test",
    path: "/",
    fields: new Fields([
      ...["Proxy-Authorization", "Basic YW5uOmE="],
      ...["X-Sallyport-Job", "nightly"],
    ]),
    body: undefined,
    ...request,
  }, { id: "1", signal, inform() {} });

  const reason = fields.get("x-sallyport-error")?.split(" ", 1)[0];
  const isCounted = /requests_total\{/.test(await metrics.metrics());
  return [...steps, status, reason, isCounted ? "counted" : ""]
    .filter(Boolean).join(" ");
}

const PAC: Partial<PlainRequest> = {
  path: "/proxy.pac",
  authority: `localhost:${PORT}`,
  isOriginForm: true,
};
const VISIT: Partial<PlainRequest> = {
  ...PAC,
  path: "/",
  fields: new Fields(),
};
const LOOP = { fields: new Fields(["Via", `1.1 ${TAG}`]) };

Deno.test.each([
  // Neither credentials nor job leave the server.
  ["through the tunnel", {}, "authorize dispatch via 204 counted"],
  [
    "past the tunnel",
    { authority: "past.test" },
    "authorize direct via 204 counted",
  ],
  [
    "that the rules deny",
    { authority: "denied.test" },
    "authorize 403 denied_domain counted",
  ],
  [
    "that may go no further",
    { method: "OPTIONS", fields: new Fields(["Max-Forwards", "0"]) },
    "authorize 200 counted",
  ],
  [
    "that may go one further",
    { method: "OPTIONS", fields: new Fields(["Max-Forwards", "1"]) },
    "authorize dispatch via 204 counted",
  ],
  ["that loops, before it is authorized", LOOP, "400 loop counted"],
  ["for the PAC file, without credentials and uncounted", PAC, "200"],
  ["for the port itself, without credentials and uncounted", VISIT, "200"],
])("a request %s", async (_name, request, expected) => {
  assert.equal(await outcomeOf(request), expected);
});

Deno.test("a request that is not authorized goes nowhere", async () => {
  assert.equal(
    await outcomeOf({ authority: "denied.test" }, { isKnown: false }),
    "authorize 407 proxy_authentication counted",
  );
});

Deno.test("a request in origin form passes only where credentials are required", async () => {
  const request = { isOriginForm: true };

  assert.equal(
    await outcomeOf(request),
    "authorize dispatch via 204 counted",
  );
  assert.equal(
    await outcomeOf(request, { allowAnonymous: true }),
    "authorize 400 origin_form counted",
  );
});
