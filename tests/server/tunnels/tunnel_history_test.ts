import assert from "node:assert/strict";
import { TunnelRegistry } from "../../../src/server/tunnels/registry.ts";
import {
  MAX_SAMPLES,
  roundTripOf,
  SAMPLE_INTERVAL,
  TunnelHistory,
} from "../../../src/server/tunnels/tunnel_history.ts";
import type { SessionStats } from "../../../src/tunnel/session.ts";
import { FakeSession } from "../fake_session.ts";
import { ManualClock } from "../manual_clock.ts";

class CountingSession extends FakeSession {
  override stats: SessionStats = {
    bytesSent: 0,
    bytesReceived: 0,
    roundTripTime: undefined,
  };
}

Deno.test("TunnelHistory tells the bytes a second of all sessions, also after one is gone", () => {
  const clock = new ManualClock();
  const registry = new TunnelRegistry({ now: () => clock.now() });
  using history = new TunnelHistory(registry, clock);
  const { tunnel } = registry.create({ owner: "ann", name: "shop" });
  const [first, second] = [new CountingSession(), new CountingSession()];
  tunnel.attach(first);
  tunnel.attach(second);

  first.stats = { bytesSent: 2000, bytesReceived: 0, roundTripTime: 8 };
  second.stats = { bytesSent: 2000, bytesReceived: 600, roundTripTime: 2 };
  clock.advance(SAMPLE_INTERVAL);
  second.stats = { bytesSent: 4000, bytesReceived: 600, roundTripTime: 2 };
  clock.advance(SAMPLE_INTERVAL);

  const rates = history.of(tunnel).map((
    { sentRate, receivedRate },
  ) => [sentRate, receivedRate]);
  assert.deepEqual(rates, [[2000, 300], [1000, 0]]);
  assert.equal(roundTripOf(tunnel), 8);
});

Deno.test("TunnelHistory keeps only so many samples, and none once it is disposed", () => {
  const clock = new ManualClock();
  const registry = new TunnelRegistry({ now: () => clock.now() });
  const history = new TunnelHistory(registry, clock);
  const { tunnel } = registry.create({ owner: "ann", name: "shop" });
  for (let at = 0; at < MAX_SAMPLES + 5; at += 1) {
    clock.advance(SAMPLE_INTERVAL);
  }
  const last = history.of(tunnel).at(-1)?.at;

  history[Symbol.dispose]();
  clock.advance(SAMPLE_INTERVAL);

  assert.equal(history.of(tunnel).length, MAX_SAMPLES);
  assert.equal(history.of(tunnel).at(-1)?.at, last);
  assert.equal(clock.pending, 0);
});
