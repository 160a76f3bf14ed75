/** The numbers of sessions and heartbeats as a scrape sees them. */
import assert from "node:assert/strict";
import { createRegistry, type Registry } from "../../src/metrics/registry.ts";
import {
  registerHeartbeats,
  registerSessionMetrics,
  registerTunnelInfo,
} from "../../src/metrics/session_metrics.ts";

async function linesOf(registry: Registry, name: string): Promise<string[]> {
  const text = await registry.metrics();
  return text.split("\n").filter((line) => line.startsWith(`sallyport_${name}`))
    .map((line) => line.replace("sallyport_", ""));
}

const newRegistry = () =>
  createRegistry({ version: "1", commit: "", time: "" });

Deno.test("each session has its numbers, read at each scrape", async () => {
  const registry = newRegistry();
  const session = {
    conn: "1",
    bytesSent: 10,
    bytesReceived: 20,
    roundTripTime: 1_500,
    streams: 3,
    windowStalls: 4,
  };
  const sessions = [session];
  registerSessionMetrics(registry, {
    sessions: () => sessions,
    reconnects: () => new Map([["cut", 2]]),
    failures: () => new Map([["dial", 5]]),
  });
  const lines = (name: string) => linesOf(registry, `tunnel_${name}`);

  assert.deepEqual(await lines("sent_bytes"), [
    'tunnel_sent_bytes{conn="1"} 10',
  ]);
  assert.deepEqual(await lines("received_bytes"), [
    'tunnel_received_bytes{conn="1"} 20',
  ]);
  assert.deepEqual(await lines("round_trip"), [
    'tunnel_round_trip_seconds{conn="1"} 1.5',
  ]);
  assert.deepEqual(await lines("streams"), ['tunnel_streams{conn="1"} 3']);
  assert.deepEqual(await lines("window_stalls"), [
    'tunnel_window_stalls{conn="1"} 4',
  ]);
  assert.deepEqual(await lines("connections"), ["tunnel_connections 1"]);
  assert.deepEqual(await lines("reconnects"), [
    'tunnel_reconnects_total{reason="cut"} 2',
  ]);
  assert.deepEqual(await lines("errors"), [
    'tunnel_errors_total{type="dial"} 5',
  ]);

  sessions.push({ ...session, conn: "2", roundTripTime: Number.NaN });
  assert.deepEqual(await lines("connections"), ["tunnel_connections 2"]);
  sessions.length = 0;
  assert.deepEqual(await lines("connections"), ["tunnel_connections 0"]);
  assert.deepEqual(await lines("streams"), []);
});

Deno.test("a session that was not measured has a round trip of 0", async () => {
  const registry = newRegistry();
  registerSessionMetrics(registry, {
    sessions: () => [{
      ...{ conn: "1", bytesSent: 0, bytesReceived: 0, streams: 0 },
      ...{ roundTripTime: undefined, windowStalls: 0 },
    }],
    reconnects: () => new Map(),
    failures: () => new Map(),
  });
  assert.deepEqual(await linesOf(registry, "tunnel_round_trip"), [
    'tunnel_round_trip_seconds{conn="1"} 0',
  ]);
});

Deno.test("heartbeats have a number of failures, and the time of the last success", async () => {
  const registry = newRegistry();
  const heartbeats: { failures: number; lastSuccess: number | undefined } = {
    failures: 0,
    lastSuccess: undefined,
  };
  registerHeartbeats(registry, heartbeats);
  const lines = () => linesOf(registry, "heartbeat");
  const name = "heartbeat_last_success_timestamp_seconds";
  assert.deepEqual(await lines(), ["heartbeat_failures_total 0", `${name} 0`]);

  heartbeats.failures = 2;
  heartbeats.lastSuccess = 5_500;
  assert.deepEqual(await lines(), [
    "heartbeat_failures_total 2",
    `${name} 5.5`,
  ]);
});

Deno.test("a tunnel has its labels once it is known", async () => {
  const registry = newRegistry();
  const tunnels: { id: string; name: string; server: string; host: string }[] =
    [];
  registerTunnelInfo(registry, () => tunnels[0]);
  assert.deepEqual(await linesOf(registry, "tunnel_info"), []);

  tunnels.push({
    id: "7",
    name: "shop",
    server: "https://s.test",
    host: "lab",
  });
  assert.deepEqual(await linesOf(registry, "tunnel_info"), [
    'tunnel_info{addr="https://s.test",hostname="lab",id="7",name="shop"} 1',
  ]);
});
