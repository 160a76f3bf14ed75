/** Promise: the server's metrics say which organization did what. */
import assert from "node:assert/strict";
import { LightClient } from "../testing/light_client.ts";
import { startOrigin } from "../testing/origin.ts";
import { get } from "../testing/browser.ts";
import { CREDENTIALS } from "../testing/user.ts";
import { callRest } from "./rest_calls.ts";
import { scrapedUntil, startWatchedSystem } from "./watched_system.ts";

const DEFAULT = { organization: "default" } as const;
const ACME = { organization: "acme" } as const;

Deno.test("requests, bytes, tunnels, sessions, logins and REST requests are counted by organization, requests by user too", async () => {
  await using system = await startWatchedSystem();
  const { server, caFile, eve } = system;
  await using origin = await startOrigin();
  const url = server.url.replace(/\/$/, "");
  const tunnel = { "tunnel_identifier": "hers" };
  await using _hers = await LightClient.start({ url, caFile }, {
    ...{ user: eve, tunnel },
  });
  const { port } = server.proxyAddress;
  const hers = `eve+hers:${eve.key}`;
  const before = await system.scrapeServer();

  await get(`${origin.url}/bytes/100000`, { port, credentials: CREDENTIALS });
  await get("http://nowhere.invalid/", { port, credentials: CREDENTIALS });
  await get(`${origin.url}/`, { port, credentials: hers });
  await get(`${origin.url}/`, { port, credentials: "eve+hers:wrong" });
  await get(`${origin.url}/`, { port, credentials: "nobody+x:wrong" });
  await callRest({ url, caFile }, { path: "", user: eve });
  await callRest({ url, caFile }, { path: "/0", user: eve });

  const after = await system.scrapeServer();
  const rise = (name: string, labels: Readonly<Record<string, string>>) =>
    after.sum(name, labels) - before.sum(name, labels);
  const code = (value: string) => ({ code: value });
  const requests = "organization_requests_total";
  assert.equal(rise(requests, { ...DEFAULT, ...code("2xx") }), 1);
  assert.equal(rise(requests, { ...DEFAULT, ...code("5xx") }), 1);
  assert.equal(rise(requests, { ...ACME, ...code("2xx") }), 1);
  assert.equal(rise(requests, ACME), 1);
  const ofUser = "user_requests_total";
  assert.equal(rise(ofUser, { ...DEFAULT, user: "demo", ...code("2xx") }), 1);
  assert.equal(rise(ofUser, { ...DEFAULT, user: "demo", ...code("5xx") }), 1);
  assert.equal(rise(ofUser, { ...ACME, user: "eve", ...code("2xx") }), 1);
  assert.equal(rise(ofUser, {}), 3);
  const received = { direction: "received" };
  const bytes = "organization_bytes_total";
  assert.ok(rise(bytes, { ...DEFAULT, ...received }) > 100_000);
  assert.ok(rise(bytes, { ...ACME, ...received }) < 100_000);
  assert.ok(rise(bytes, { ...ACME, direction: "sent" }) > 0);
  const running = { state: "running" };
  const tunnels = "organization_tunnels";
  assert.equal(after.sum(tunnels, { ...DEFAULT, ...running }), 1);
  assert.equal(after.sum(tunnels, { ...ACME, ...running }), 1);
  assert.equal(after.sum(tunnels), 2);
  assert.equal(after.sum("organization_sessions", DEFAULT), 2);
  assert.equal(after.sum("organization_sessions", ACME), 1);
  const failures = "organization_login_failures_total";
  const refused = { reason: "refused" };
  assert.equal(rise(failures, { ...ACME, ...refused }), 1);
  assert.equal(rise(failures, { organization: "(unknown)", ...refused }), 1);
  assert.equal(rise(failures, DEFAULT), 0);
  const rest = "rest_requests_total";
  assert.equal(rise(rest, { operation: "listTunnels", ...code("200") }), 1);
  assert.equal(rise(rest, { operation: "none", ...code("404") }), 1);
});

Deno.test("a lost session is counted with its reason, and no byte of it is forgotten", async () => {
  await using system = await startWatchedSystem();
  await using origin = await startOrigin();
  const proxy = {
    port: system.server.proxyAddress.port,
    credentials: CREDENTIALS,
  };
  await get(`${origin.url}/bytes/100000`, proxy);
  const before = await system.scrapeServer();

  system.wire.cut();

  const lost = "organization_sessions_lost_total";
  const after = await scrapedUntil(
    system.scrapeServer,
    (scrape) =>
      scrape.sum(lost, { ...DEFAULT, reason: "cut" }) === 2 &&
      scrape.sum("organization_sessions", DEFAULT) === 2,
    "two sessions lost and two new ones",
  );
  assert.equal(before.sum(lost), 0);
  assert.equal(after.sum(lost), 2);
  assert.equal(after.sum("organization_sessions_opened_total", DEFAULT), 4);
  for (const direction of ["sent", "received"]) {
    const labels = { ...DEFAULT, direction };
    const bytes = "organization_bytes_total";
    assert.ok(after.sum(bytes, labels) >= before.sum(bytes, labels), direction);
  }
});
