import assert from "node:assert/strict";
import { StreamLimitError } from "../../../src/http2/errors.ts";
import { Flag, FrameType } from "../../../src/http2/frames/frame_header.ts";
import { ManualClock } from "../../server/manual_clock.ts";
import { get } from "../pairs.ts";
import { againstClient, type RawPeer } from "../raw_peer.ts";

/** The peer allows one stream at a time. */
async function allowOne(peer: RawPeer): Promise<void> {
  const payload = new Uint8Array([0, 3, 0, 0, 0, 1]);
  await peer.send(FrameType.SETTINGS, { payload });
  await peer.expectAlive();
}

Deno.test("a request waits for the peer's limit of streams only for a while", async () => {
  const clock = new ManualClock();
  await using stage = await againstClient({ clock, streamWait: 4_000 });
  await allowOne(stage.peer);
  await stage.ours.request(get(), { endStream: true });
  assert.equal(stage.ours.maxStreams, 1);
  const waiting = stage.ours.request(get(), { endStream: true });

  clock.advance(3_999);
  assert.equal(stage.ours.openingRequests, 1);
  clock.advance(1);

  await assert.rejects(waiting, StreamLimitError);
  assert.equal(stage.ours.openingRequests, 0);
});

Deno.test("a request whose turn comes in time does not fail later", async () => {
  const clock = new ManualClock();
  await using stage = await againstClient({ clock, streamWait: 4_000 });
  await allowOne(stage.peer);
  const first = await stage.ours.request(get(), { endStream: true });
  const waiting = stage.ours.request(get(), { endStream: true });

  clock.advance(3_999);
  first.close();
  const second = await waiting;
  clock.advance(1);

  assert.equal(second.id, 3);
  assert.equal(stage.ours.openStreams, 1);
});

Deno.test("a request that waits when the connection is lost may be sent again, one that was sent may not", async () => {
  await using stage = await againstClient();
  await allowOne(stage.peer);
  const sent = await stage.ours.request(get(), { endStream: true });
  await stage.peer.expect(FrameType.HEADERS);
  const waiting = stage.ours.request(get(), { endStream: true });

  stage.peer.conn.close();

  await assert.rejects(waiting, { retryable: true, initiator: "transport" });
  await assert.rejects(sent.response, {
    retryable: false,
    initiator: "transport",
  });
});

Deno.test("a request that has not left this side when the connection is lost may be sent again", async () => {
  await using stage = await againstClient();
  await stage.peer.expectAlive();
  stage.peer.conn.close();

  // In one turn: its frame is still gathered with others.
  const stream = stage.ours.request(get(), { endStream: true });

  await assert.rejects(
    stream.then(({ response }) => response),
    { retryable: true },
  );
});

Deno.test("resetMovable() resets what may move and has no response, and nothing else", async () => {
  await using stage = await againstClient();
  await stage.peer.expectAlive();
  const { ours, peer } = stage;
  const ask = async (isMovable: boolean) => {
    const stream = await ours.request(get(), { endStream: true });
    stream.isMovable = isMovable;
    return stream;
  };
  const [movable, other, answered, informed] = [
    await ask(true),
    await ask(false),
    await ask(true),
    await ask(true),
  ];
  await peer.headers(answered.id, [":status", "200"]);
  await peer.headers(informed.id, [":status", "103"]);
  await answered.response;
  await peer.expectAlive();

  ours.resetMovable();

  await assert.rejects(movable.response, {
    initiator: "transport",
    retryable: false,
  });
  const { streamId } = await peer.expect(FrameType.RST_STREAM);
  assert.equal(streamId, movable.id);
  assert.equal(ours.openStreams, 3);
  for (const stream of [other, informed]) {
    await peer.headers(stream.id, [":status", "200"], Flag.END_STREAM);
    assert.deepEqual((await stream.response).fields, [":status", "200"]);
  }
});
