/** Each kind of frame in bytes (RFC 9113 §6). */
import assert from "node:assert/strict";
import { FrameWriter } from "../../../src/http2/frames/frame_writer.ts";
import { WriteBuffer } from "../../../src/http2/frames/write_buffer.ts";

/** The bytes that a writer has written. */
async function written(
  write: (writer: FrameWriter) => void,
): Promise<readonly number[]> {
  const sent: number[] = [];
  const output = new WriteBuffer({
    write(bytes) {
      sent.push(...bytes);
      return Promise.resolve(bytes.length);
    },
  }, { onRoom: () => {}, onError: (error) => assert.fail(String(error)) });
  write(new FrameWriter(output));
  await output.flushed();
  return sent;
}

const EIGHT = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);

/** What is written → its bytes. */
const FRAMES: readonly (readonly [
  string,
  (writer: FrameWriter) => void,
  readonly number[],
])[] = [
  ["the preface", (writer) => writer.raw(Uint8Array.of(80, 82)), [80, 82]],
  ["DATA", (writer) => void writer.data(3, Uint8Array.of(7, 8)), [
    ...[0, 0, 2, 0, 0, 0, 0, 0, 3],
    ...[7, 8],
  ]],
  [
    "the last DATA of some bytes",
    (writer) =>
      void writer.data(3, Uint8Array.of(7, 8), { length: 1, endStream: true }),
    [...[0, 0, 1, 0, 1, 0, 0, 0, 3], 7],
  ],
  ["RST_STREAM", (writer) => writer.resetStream(3, 0x0102), [
    ...[0, 0, 4, 3, 0, 0, 0, 0, 3],
    ...[0, 0, 1, 2],
  ]],
  ["WINDOW_UPDATE", (writer) => writer.windowUpdate(0, 0x0102), [
    ...[0, 0, 4, 8, 0, 0, 0, 0, 0],
    ...[0, 0, 1, 2],
  ]],
  ["SETTINGS", (writer) => writer.settings(EIGHT.subarray(0, 6)), [
    ...[0, 0, 6, 4, 0, 0, 0, 0, 0],
    ...[1, 2, 3, 4, 5, 6],
  ]],
  ["the acknowledgement of SETTINGS", (writer) => writer.settingsAck(), [
    ...[0, 0, 0, 4, 1, 0, 0, 0, 0],
  ]],
  ["PING", (writer) => writer.ping(EIGHT), [
    ...[0, 0, 8, 6, 0, 0, 0, 0, 0],
    ...EIGHT,
  ]],
  ["the acknowledgement of PING", (writer) => writer.pingAck(EIGHT), [
    ...[0, 0, 8, 6, 1, 0, 0, 0, 0],
    ...EIGHT,
  ]],
  ["GOAWAY", (writer) => writer.goAway(0x0102, 0x0304), [
    ...[0, 0, 8, 7, 0, 0, 0, 0, 0],
    ...[0, 0, 1, 2, 0, 0, 3, 4],
  ]],
];

for (const [what, write, bytes] of FRAMES) {
  Deno.test(`FrameWriter writes ${what}`, async () => {
    assert.deepEqual(await written(write), bytes);
    assert.deepEqual(
      await written((writer) => {
        write(writer);
        write(writer);
      }),
      [...bytes, ...bytes],
    );
  });
}

Deno.test("DATA can be made the last one while it waits", async () => {
  const bytes = await written((writer) => {
    writer.ping(EIGHT);
    const at = writer.data(3, Uint8Array.of(7));
    assert.equal(at, 17);
    writer.endData(at);
    writer.endData(at);
  });

  assert.deepEqual(bytes.slice(17), [0, 0, 1, 0, 1, 0, 0, 0, 3, 7]);
});

/** The size of a block → length, type and flags of its frames, of 2 bytes at most. */
const BLOCKS: readonly (readonly [number, boolean, readonly number[][]])[] = [
  [0, false, [[0, 1, 4]]],
  [0, true, [[0, 1, 5]]],
  [1, false, [[1, 1, 4]]],
  [2, true, [[2, 1, 5]]],
  [3, true, [[2, 1, 1], [1, 9, 4]]],
  [5, false, [[2, 1, 0], [2, 9, 0], [1, 9, 4]]],
];

for (const [size, endStream, frames] of BLOCKS) {
  Deno.test(`a block of ${size} bytes is ${frames.length} frames${endStream ? " at the end" : ""}`, async () => {
    const block = EIGHT.subarray(0, size);
    let left = [...block];

    const bytes = await written((writer) =>
      writer.headers(3, block, { endStream, maxFrameSize: 2 })
    );

    const expected = frames.flatMap(([length = 0, type = 0, flags = 0]) => {
      const part = left.slice(0, length);
      left = left.slice(length);
      return [0, 0, length, type, flags, 0, 0, 0, 3, ...part];
    });
    assert.deepEqual(bytes, expected);
  });
}
