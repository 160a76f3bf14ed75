import assert from "node:assert/strict";
import { Flag, FrameType } from "../../../src/http2/frames/frame_header.ts";
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
