/** @module */
import assert from "node:assert/strict";
import { ConnectionManager } from "../../../src/client/sessions/connection_manager.ts";
import { infoOf } from "../../../src/client/status/info.ts";
import { ClientStatus } from "../../../src/client/status/status.ts";
import { startPair } from "../../http2/pairs.ts";
import { within } from "../../testing/deadline.ts";

const TUNNEL = {
  id: "0123456789abcdef0123456789abcdef",
  name: "build-7",
  host: "tunnels.test",
  server: "tunnels.test:8443",
  proxy: "tunnels.test:3001",
  proxyUrl: "http://tunnels.test:3001",
};

Deno.test("infoOf() of a client that starts has all fields, most of them empty", () => {
  const status = new ClientStatus();

  const { started, state_since, ...info } = infoOf(status);

  assert.equal(started, new Date(status.startedAt).toISOString());
  assert.equal(state_since, new Date(status.changedAt).toISOString());
  assert.deepEqual(info, {
    tunnel_id: "",
    tunnel_name: "",
    tunnel_server: "",
    tunnel_host: "",
    proxy: "",
    dedicated_proxy: null,
    state: "starting",
    reconnects: 0,
    last_error: null,
    heartbeats: { failures: 0, failing_since: null, error: null },
    connections: [],
    plugins: [],
    failing_plugins: [],
    rules: {},
  });
});

Deno.test("infoOf() tells the tunnel and its sessions", async () => {
  await using pair = await startPair(() => Promise.resolve());
  const status = new ClientStatus();
  await using manager = new ConnectionManager({
    size: 1,
    address: { hostname: "tunnels.test", port: 8443 },
    open: () => Promise.resolve(pair.client),
    onChange: (active) => status.setActive(active),
    onRefused: () => {},
  });
  status.setTunnel(TUNNEL);
  status.setManager(manager);
  await within(manager.connected, "the session");
  await pair.client.ping();
  status.markReady();

  const info = infoOf(status, {
    plugins: () => ["stamp"],
    rules: { "deny-domains": ["ads"], "insecure-domains": [] },
  });

  assert.deepEqual(info.plugins, ["stamp"]);
  assert.deepEqual(info.rules, { "deny-domains": ["ads"] });
  assert.equal(info.tunnel_id, TUNNEL.id);
  assert.equal(info.tunnel_name, "build-7");
  assert.equal(info.tunnel_server, "tunnels.test:8443");
  assert.equal(info.tunnel_host, "tunnels.test");
  assert.equal(info.proxy, "tunnels.test:3001");
  assert.equal(info.state, "ready");
  assert.equal(info.connections.length, 1);
  const [session] = info.connections;
  assert.equal(session?.connection, 1);
  assert.equal(session?.remote, "tunnels.test:8443");
  assert.equal(session?.window_stalls, 0);
  assert.equal(session?.streams, 0);
  assert.ok(Number(session?.bytes_sent) > 0);
  assert.ok(Number(session?.bytes_received) > 0);
  assert.equal(
    session?.round_trip_time,
    pair.client.stats.roundTripTime ?? null,
  );
  assert.ok(Date.parse(String(session?.since)) <= Date.now());
});
