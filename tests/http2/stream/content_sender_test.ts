/** END_STREAM is on the last content if possible, otherwise on a frame of its own. */
import assert from "node:assert/strict";
import type { Http2ServerStream } from "../../../src/http2/api.ts";
import { Flag, FrameType } from "../../../src/http2/frames/frame_header.ts";
import { writeAll } from "../../../src/net/stream/copy.ts";
import { get } from "../pairs.ts";
import { againstServer } from "../raw_peer.ts";

const { DATA, HEADERS } = FrameType;
const { END_STREAM } = Flag;

const HELLO = new TextEncoder().encode("hello");

/** Flags and length of the DATA frames of one request. */
async function dataFrames(
  onStream: (stream: Http2ServerStream) => Promise<void>,
): Promise<[flags: number, length: number][]> {
  await using stage = await againstServer({
    onStream: (stream) => void onStream(stream),
  });
  const { peer } = stage;
  await peer.headers(1, get(), END_STREAM);
  await peer.expect(HEADERS);
  const seen: [number, number][] = [];
  do {
    const { flags, length } = await peer.expect(DATA);
    seen.push([flags, length]);
  } while (seen.at(-1)?.[0] !== END_STREAM);
  return seen;
}

Deno.test("content that ends at once ends with its last frame", async () => {
  const seen = await dataFrames(async (stream) => {
    await stream.respond([":status", "200"]);
    await writeAll(stream, HELLO);
    await writeAll(stream, HELLO);
    await stream.closeWrite();
  });

  assert.deepEqual(seen, [[0, 5], [END_STREAM, 5]]);
});

Deno.test("content whose end comes later does not wait for it", async () => {
  const hasCome = Promise.withResolvers<void>();
  await using stage = await againstServer({
    async onStream(stream) {
      await stream.respond([":status", "200"]);
      await writeAll(stream, HELLO);
      await hasCome.promise;
      await stream.closeWrite();
    },
  });
  const { peer } = stage;
  await peer.headers(1, get(), END_STREAM);
  await peer.expect(HEADERS);

  const content = await peer.expect(DATA);
  hasCome.resolve();
  const end = await peer.expect(DATA);

  assert.deepEqual([content.flags, content.length], [0, 5]);
  assert.deepEqual([end.flags, end.length], [END_STREAM, 0]);
});

Deno.test("streams that end together each end their own content", async () => {
  await using stage = await againstServer({
    async onStream(stream) {
      await stream.respond([":status", "200"]);
      await writeAll(stream, HELLO);
      await stream.closeWrite();
    },
  });
  const { peer } = stage;
  for (const id of [1, 3, 5]) await peer.headers(id, get(), END_STREAM);

  const ended = new Map<number, number>();
  while (ended.size < 3) {
    const { flags, length, streamId } = await peer.expect(DATA);
    if (flags === END_STREAM) ended.set(streamId, length);
  }

  assert.deepEqual([...ended.keys()], [1, 3, 5]);
});
