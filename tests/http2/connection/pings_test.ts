import assert from "node:assert/strict";
import { Pings } from "../../../src/http2/connection/pings.ts";
import { Flag, FrameType } from "../../../src/http2/frames/frame_header.ts";
import type { FrameWriter } from "../../../src/http2/frames/frame_writer.ts";
import { ManualClock } from "../../server/manual_clock.ts";
import { get } from "../pairs.ts";
import { againstClient, againstServer } from "../raw_peer.ts";

Deno.test("a peer that never sends SETTINGS is disconnected", async () => {
  const clock = new ManualClock();
  await using stage = await againstServer({ sendPreface: false, clock });

  clock.advance(10_000);

  await assert.rejects(stage.ours.done, { initiator: "transport" });
  assert.equal(clock.pending, 0);
});

Deno.test("a peer that sends SETTINGS and is idle stays", async () => {
  const clock = new ManualClock();
  await using stage = await againstServer({ clock });
  await stage.peer.expectAlive();

  clock.advance(3_600_000);

  await stage.peer.expectAlive();
  assert.equal(clock.pending, 0);
});

Deno.test("a peer that acknowledges PING stays, one that is silent is disconnected", async () => {
  const clock = new ManualClock();
  await using stage = await againstClient({
    clock,
    pingInterval: 1000,
    pingTimeout: 300,
  });
  await stage.peer.expectAlive();
  const stream = await stage.ours.request(get(), { endStream: true });

  for (let round = 0; round < 3; round++) {
    clock.advance(1000);
    const { payload } = await stage.peer.expect(FrameType.PING);
    await stage.peer.send(FrameType.PING, { flags: Flag.ACK, payload });
    await stage.peer.expectAlive();
    clock.advance(300);
  }
  clock.advance(1000);
  await stage.peer.expect(FrameType.PING);
  clock.advance(300);

  await assert.rejects(stage.ours.done, { initiator: "transport" });
  await assert.rejects(stream.response, { initiator: "transport" });
  assert.equal(clock.pending, 0);
});

Deno.test("ping() measures by the clock", async () => {
  const clock = new ManualClock();
  await using stage = await againstClient({ clock });
  await stage.peer.expectAlive();

  const ping = stage.ours.ping();
  const { payload } = await stage.peer.expect(FrameType.PING);
  clock.advance(40);
  await stage.peer.send(FrameType.PING, { flags: Flag.ACK, payload });

  assert.equal(await ping, 40);
  assert.equal(stage.ours.stats.roundTripTime, 40);
});

Deno.test("the round trip is measured early with keepalive", async () => {
  const clock = new ManualClock();
  await using stage = await againstClient({ clock, pingInterval: 1000 });
  const { peer, ours } = stage;

  clock.advance(40);
  await peer.send(FrameType.SETTINGS, { flags: Flag.ACK });
  for (const roundTrip of [30, 10, 20]) {
    const { payload } = await peer.expect(FrameType.PING);
    clock.advance(roundTrip);
    await peer.send(FrameType.PING, { flags: Flag.ACK, payload });
  }
  await peer.expectAlive();

  assert.equal(ours.stats.roundTripTime, 20);
});

Deno.test("a connection without PINGs measures when content comes, and not before", async () => {
  await using stage = await againstServer();
  const { peer, ours } = stage;

  await peer.send(FrameType.SETTINGS, { flags: Flag.ACK });
  await peer.headers(1, get());
  await peer.expectAlive();
  const idle = ours.stats.bytesSent;
  await peer.expectAlive();
  const answer = ours.stats.bytesSent - idle;
  await peer.data(1, new Uint8Array(1));
  const { flags } = await peer.expect(FrameType.PING);

  assert.equal(answer, 17);
  assert.equal(flags, 0);
});

Deno.test("a peer that acknowledges no PING does not make them pile up", async () => {
  const clock = new ManualClock();
  await using stage = await againstClient({ clock, pingInterval: 1000 });
  const { peer, ours } = stage;
  await peer.expectAlive();

  // Its own PINGs are signs of life.
  for (let round = 0; round < 300; round++) {
    clock.advance(1000);
    await peer.expectAlive();
  }
  const sent = ours.stats.bytesSent;
  clock.advance(1000);
  await peer.expectAlive();

  assert.equal(ours.stats.bytesSent - sent, 17, "one acknowledgement, no PING");
});

/** PINGs of a connection without a connection, and the payloads that it sent. */
function alone(isKeepalive = false) {
  const clock = new ManualClock();
  const sent: number[][] = [];
  const writer = {
    ping: (payload: Uint8Array) => sent.push([...payload]),
  } as unknown as FrameWriter;
  return { clock, sent, pings: new Pings(writer, clock, isKeepalive) };
}

function payloadOf(bytes: readonly number[] | undefined): Uint8Array {
  return Uint8Array.from(bytes ?? []);
}

Deno.test("the acknowledgement of SETTINGS is the first measurement, once", () => {
  const { clock, sent, pings } = alone();
  pings.settingsAcknowledged();
  assert.equal(pings.roundTrip, undefined);
  assert.equal(pings.shortestRoundTrip, undefined);

  pings.settingsSent();
  clock.advance(70);
  pings.settingsAcknowledged();
  assert.equal(pings.roundTrip, 70);
  clock.advance(10);
  pings.settingsAcknowledged();
  assert.equal(pings.roundTrip, 70);
  assert.deepEqual(sent, []);
});

Deno.test("three PINGs follow with keepalive, one after the other", async () => {
  const { sent, pings } = alone(true);
  pings.settingsSent();
  pings.settingsAcknowledged();
  for (let count = 1; count <= 5; count++) {
    for (let turn = 0; turn < 10; turn++) await null;
    assert.equal(sent.length, Math.min(count, 3));
    pings.acknowledge(payloadOf(sent.at(-1)));
  }
});

Deno.test("each PING has its own number, and measures for itself", async () => {
  const { clock, sent, pings } = alone();
  const first = pings.send();
  clock.advance(5);
  const second = pings.send();
  assert.deepEqual(sent, [
    [0, 0, 0, 0, 0, 0, 0, 1],
    [0, 0, 0, 0, 0, 0, 0, 2],
  ]);
  clock.advance(10);
  pings.acknowledge(payloadOf(sent[1]));
  assert.equal(await second, 10);
  clock.advance(5);
  pings.acknowledge(payloadOf(sent[0]));
  assert.equal(await first, 20);
  assert.equal(pings.roundTrip, 20);
  assert.equal(pings.shortestRoundTrip, 10);
});

Deno.test("an acknowledgement of nothing measures nothing", async () => {
  const { clock, sent, pings } = alone();
  const ping = pings.send();
  clock.advance(10);
  pings.acknowledge(payloadOf([0, 0, 0, 0, 0, 0, 0, 9]));
  assert.equal(pings.roundTrip, undefined);
  pings.acknowledge(payloadOf(sent[0]));
  assert.equal(await ping, 10);
  clock.advance(10);
  pings.acknowledge(payloadOf(sent[0]));
  assert.equal(pings.roundTrip, 10);
});

Deno.test("the lag is the age of the oldest PING, or the last round trip", () => {
  const { clock, sent, pings } = alone();
  assert.equal(pings.lag, 0);
  pings.sendProbe();
  clock.advance(30);
  assert.equal(pings.lag, 30);
  pings.acknowledge(payloadOf(sent[0]));
  assert.equal(pings.lag, 30);
  pings.sendProbe();
  clock.advance(10);
  assert.equal(pings.lag, 30);
  clock.advance(40);
  assert.equal(pings.lag, 50);
});

Deno.test("content measures at its beginning, and every 500 ms from then on", () => {
  const { clock, sent, pings } = alone();
  pings.onFirstContent();
  assert.equal(sent.length, 1);
  pings.probeIfDue();
  clock.advance(499);
  pings.probeIfDue();
  assert.equal(sent.length, 1);
  clock.advance(1);
  pings.probeIfDue();
  assert.equal(sent.length, 2);
  clock.advance(1_000);
  pings.onFirstContent();
  assert.equal(sent.length, 2);
});

Deno.test("256 PINGs wait for a peer that acknowledges none", () => {
  const { sent, pings } = alone();
  for (let count = 0; count < 300; count++) pings.sendProbe();
  assert.equal(sent.length, 256);
  pings.acknowledge(payloadOf(sent[0]));
  pings.sendProbe();
  pings.sendProbe();
  assert.equal(sent.length, 257);
});

Deno.test("all that wait fail together, and are forgotten", async () => {
  const { clock, sent, pings } = alone();
  const error = new Error("lost");
  const waiting = [pings.send(), pings.send()];
  pings.fail(error);
  for (const each of waiting) await assert.rejects(each, error);
  clock.advance(10);
  assert.equal(pings.lag, 0);
  pings.acknowledge(payloadOf(sent[0]));
  assert.equal(pings.roundTrip, undefined);
});
