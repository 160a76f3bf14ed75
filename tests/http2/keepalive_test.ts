import assert from "node:assert/strict";
import { Flag, FrameType } from "../../src/http2/frames.ts";
import { HandClock } from "./hand_clock.ts";
import { get } from "./pairs.ts";
import { againstClient, againstServer } from "./raw_peer.ts";

Deno.test("a peer that never greets is given up", async () => {
  const clock = new HandClock();
  await using stage = await againstServer({ greet: false, clock });

  clock.pass(10_000);

  await assert.rejects(stage.ours.done, { initiator: "transport" });
  assert.equal(clock.pending, 0);
});

Deno.test("a peer that greets and is idle stays", async () => {
  const clock = new HandClock();
  await using stage = await againstServer({ clock });
  await stage.peer.expectAlive();

  clock.pass(3_600_000);

  await stage.peer.expectAlive();
  assert.equal(clock.pending, 0);
});

Deno.test("a peer that answers PING stays, one that is silent is given up", async () => {
  const clock = new HandClock();
  await using stage = await againstClient({
    clock,
    pingInterval: 1000,
    pingTimeout: 300,
  });
  await stage.peer.expectAlive();
  const stream = await stage.ours.request(get(), { endStream: true });

  for (let round = 0; round < 3; round++) {
    clock.pass(1000);
    const { payload } = await stage.peer.expect(FrameType.PING);
    await stage.peer.send(FrameType.PING, { flags: Flag.ACK, payload });
    await stage.peer.expectAlive();
    clock.pass(300);
  }
  clock.pass(1000);
  await stage.peer.expect(FrameType.PING);
  clock.pass(300);

  await assert.rejects(stage.ours.done, { initiator: "transport" });
  await assert.rejects(stream.response, { initiator: "transport" });
  assert.equal(clock.pending, 0);
});

Deno.test("ping() measures by the clock", async () => {
  const clock = new HandClock();
  await using stage = await againstClient({ clock });
  await stage.peer.expectAlive();

  const ping = stage.ours.ping();
  const { payload } = await stage.peer.expect(FrameType.PING);
  clock.pass(40);
  await stage.peer.send(FrameType.PING, { flags: Flag.ACK, payload });

  assert.equal(await ping, 40);
  assert.equal(stage.ours.stats.roundTripTime, 40);
});
