import assert from "node:assert/strict";
import type { Http2ServerStream } from "../../src/http2/api.ts";
import { ErrorCode } from "../../src/http2/error_codes.ts";
import { Http2Error } from "../../src/http2/errors.ts";
import { Flag, FrameType } from "../../src/http2/frames.ts";
import { get, post } from "./pairs.ts";
import { againstServer, type RawPeer } from "./raw_peer.ts";

/** Numbers that look random and are the same in every run. */
function createRandom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor(state / 2 ** 32 * below);
  };
}

async function sendAnything(
  peer: RawPeer,
  random: (below: number) => number,
): Promise<void> {
  const streamId = random(12);
  const payload = Uint8Array.from({ length: random(40) }, () => random(256));
  switch (random(60) === 0 ? 9 : random(9)) {
    case 0:
    case 5:
    case 6:
      return await peer.headers(streamId | 1, get(), random(2));
    case 1:
      return await peer.headers(streamId | 1, post("/", "x", "y"), random(2));
    case 2:
    case 7:
      return await peer.data(streamId | 1, payload, random(2));
    case 3:
      return await peer.number(FrameType.RST_STREAM, streamId | 1, random(9));
    case 4:
      return await peer.number(FrameType.WINDOW_UPDATE, streamId, random(999));
    case 8:
      return await peer.send(FrameType.PRIORITY, { streamId, payload });
    default:
      return await peer.send(random(12), {
        flags: random(256) & ~Flag.PADDED | random(2) * Flag.PADDED,
        streamId,
        payload,
      });
  }
}

async function answerAnything(stream: Http2ServerStream): Promise<void> {
  try {
    await stream.respond([":status", "200"]);
    await stream.writeTo(stream);
    await stream.closeWrite();
  } catch {
    stream.close();
  }
}

Deno.test("whatever a peer sends, the server ends in order and for the peer's fault", async () => {
  const endings = new Set<number>();

  for (let seed = 1; seed <= 400; seed++) {
    const random = createRandom(seed);
    await using stage = await againstServer({
      onStream: (stream) => void answerAnything(stream),
    });
    const reading = (async () => {
      while (await stage.peer.next() !== undefined);
    })();
    for (let count = 0; count < 60; count++) {
      await sendAnything(stage.peer, random);
    }
    await stage.peer.conn.closeWrite();

    const end = await stage.ours.done.catch((error: unknown) => error);
    await reading;
    if (end === undefined) continue;
    assert.ok(end instanceof Http2Error, `seed ${seed}: ${end}`);
    if (end.initiator === "local") {
      assert.notEqual(end.code, ErrorCode.INTERNAL_ERROR, `seed ${seed}`);
      endings.add(end.code);
    }
    assert.equal(stage.ours.openStreams, 0);
  }

  assert.ok(endings.size >= 3, "the frames are too tame");
});
