import assert from "node:assert/strict";
import { OpenStreams } from "../../../src/http2/stream/open_streams.ts";
import type { Stream } from "../../../src/http2/stream/stream.ts";

/** All that the table reads of a stream. */
function stream(id: number): Stream {
  return { id } as Stream;
}

function idsOf(streams: OpenStreams): number[] {
  return [...streams].map(({ id }) => id).sort((a, b) => a - b);
}

Deno.test("OpenStreams finds each of its streams, however many there are", () => {
  const streams = new OpenStreams();
  const ids = Array.from({ length: 500 }, (_, at) => 2 * at + 1);

  for (const id of ids) streams.add(stream(id));

  assert.equal(streams.size, 500);
  assert.deepEqual(idsOf(streams), ids);
  for (const id of ids) assert.equal(streams.get(id)?.id, id);
  assert.equal(streams.get(1001), undefined);
});

Deno.test("OpenStreams finds the streams behind one that is removed", () => {
  const streams = new OpenStreams();
  // All of them belong into the same slot of 64, and the last into the one behind.
  const ids = [1, 129, 257, 385, 3];
  for (const gone of ids) {
    for (const id of ids) streams.add(stream(id));

    streams.delete(gone);
    streams.delete(gone);

    const left = ids.filter((id) => id !== gone);
    assert.equal(streams.size, left.length);
    for (const id of ids) {
      assert.equal(streams.get(id)?.id, left.includes(id) ? id : undefined);
    }
    for (const id of left) streams.delete(id);
  }
  assert.deepEqual(idsOf(streams), []);
});

Deno.test("OpenStreams behaves like a Map", () => {
  const streams = new OpenStreams();
  const expected = new Map<number, Stream>();
  let seed = 7;
  const random = (below: number) => {
    seed = (seed * 48_271) % 0x7fff_ffff;
    return seed % below;
  };

  for (let turn = 0; turn < 20_000; turn++) {
    const id = 2 * random(400) + 1;
    if (expected.has(id)) {
      expected.delete(id);
      streams.delete(id);
    } else {
      const added = stream(id);
      expected.set(id, added);
      streams.add(added);
    }
    const asked = 2 * random(400) + 1;
    assert.equal(streams.get(asked), expected.get(asked));
  }

  assert.deepEqual(idsOf(streams), [...expected.keys()].sort((a, b) => a - b));
});

Deno.test("OpenStreams may change while it is iterated", () => {
  const streams = new OpenStreams();
  for (const id of [1, 3, 5, 7]) streams.add(stream(id));
  const seen: number[] = [];

  for (const { id } of streams) {
    seen.push(id);
    streams.delete(id);
  }

  assert.deepEqual(seen, [1, 3, 5, 7]);
  assert.equal(streams.size, 0);
});
