/** Everything arrives, with as much memory as the source needs. */
import assert from "node:assert/strict";
import { sendAll } from "../../../src/http2/flow/send_all.ts";

const KIB = 1024;

/** Sends pieces of these sizes; returns what arrived, and the room that each read had. */
async function send(
  sizes: readonly number[],
): Promise<{ arrived: Uint8Array; rooms: number[]; total: number }> {
  const left = [...sizes];
  const rooms: number[] = [];
  const arrived: number[] = [];
  const total = await sendAll(
    {
      read(into) {
        rooms.push(into.byteLength);
        const size = left.shift();
        if (size === undefined) return Promise.resolve(null);
        for (let at = 0; at < size; at++) into[at] = (rooms.length + at) & 0xff;
        return Promise.resolve(size);
      },
    },
    {
      // Half of what there is, as a socket may.
      write(bytes) {
        const taken = bytes.subarray(0, Math.ceil(bytes.byteLength / 2));
        arrived.push(...taken);
        return Promise.resolve(taken.byteLength);
      },
    },
  );
  return { arrived: Uint8Array.from(arrived), rooms, total };
}

Deno.test("sendAll() sends everything in order, and counts it", async () => {
  const sizes = [1, 8 * KIB, 64 * KIB, 3];

  const { arrived, total } = await send(sizes);

  assert.equal(total, 72 * KIB + 4);
  const expected = sizes.flatMap((size, read) =>
    Array.from({ length: size }, (_, at) => (read + 1 + at) & 0xff)
  );
  assert.deepEqual(arrived, Uint8Array.from(expected));
});

Deno.test("sendAll() has a small buffer, and a large one while its source fills it", async () => {
  const small = 8 * KIB;
  const large = 64 * KIB;

  const { rooms } = await send([1, small, large, small, small - 1, small, 5]);

  assert.deepEqual(rooms, [
    ...[small, small],
    ...[large, large, large],
    ...[small, large, small],
  ]);
});

Deno.test("sendAll() keeps its buffers for the next sources, and a failure too", async () => {
  const buffers = new Set<ArrayBufferLike>();
  const failure = new Error("reset");
  for (let count = 0; count < 100; count++) {
    const sending = sendAll(
      {
        read(into) {
          buffers.add(into.buffer);
          return Promise.resolve(into.byteLength);
        },
      },
      {
        write: (bytes) =>
          bytes.byteLength > 8 * KIB
            ? Promise.reject(failure)
            : Promise.resolve(bytes.byteLength),
      },
    );
    await assert.rejects(sending, failure);
  }

  assert.equal(buffers.size, 2);
});

/** Runs `count` sources at once, each of which waits with a buffer of this size. */
async function buffersOf(count: number, size: number): Promise<Set<unknown>> {
  const seen = new Set<unknown>();
  const gate = Promise.withResolvers<void>();
  const sending = Array.from({ length: count }, () => {
    let isFirst = true;
    return sendAll({
      async read(into) {
        if (into.byteLength < size) return into.byteLength;
        if (!isFirst) return null;
        isFirst = false;
        seen.add(into.buffer);
        await gate.promise;
        return null;
      },
    }, { write: (bytes) => Promise.resolve(bytes.byteLength) });
  });
  for (let turn = 0; turn < 50; turn++) await undefined;
  gate.resolve();
  await Promise.all(sending);
  assert.equal(seen.size, count);
  return seen;
}

/** Size of a buffer → how many are kept. */
for (const [size, most] of [[8 * KIB, 64], [64 * KIB, 16]] as const) {
  Deno.test(`sendAll() keeps ${most} buffers of ${size} bytes, and no more`, async () => {
    const first = await buffersOf(most + 10, size);
    const second = await buffersOf(most + 10, size);
    const kept = [...second].filter((buffer) => first.has(buffer));
    assert.equal(kept.length, most);
  });
}
