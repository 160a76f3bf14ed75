import assert from "node:assert/strict";
import { encodeFrames } from "../../../src/websocket/frames/encode_frames.ts";
import { WebSocketFrameReader } from "../../../src/websocket/frames/frame_reader.ts";
import { concat } from "../../testing/byte_scanner.ts";
import { patternBytes } from "../../testing/pattern.ts";
import { sourceOf } from "../raw_frames.ts";

const SIZES = [0, 1, 125, 126, 16_369, 16_370, 16_371, 65_536, 100_001, 3];

for (const isMasked of [false, true]) {
  Deno.test(`frames are read as they were written (masked: ${isMasked})`, async () => {
    const frames = SIZES.map((size) => ({
      opcode: 2,
      payload: patternBytes(size),
      isCompressed: false,
    }));

    const bytes = concat([...encodeFrames(frames, isMasked)]);

    const reader = new WebSocketFrameReader(sourceOf(bytes, 999), isMasked);
    for (const size of SIZES) {
      const head = await reader.readHead();
      assert.equal(head?.length, size);
      const payload = new Uint8Array(size);
      await reader.readPayload(payload, head);
      assert.deepEqual(payload, patternBytes(size));
    }
    assert.equal(await reader.readHead(), undefined);
    for (const [at, { payload }] of frames.entries()) {
      assert.deepEqual(payload, patternBytes(SIZES[at] ?? 0), "it is changed");
    }
  });
}

Deno.test("many small frames are few writes", () => {
  const frames = Array.from({ length: 64 }, () => ({
    opcode: 1,
    payload: patternBytes(100),
    isCompressed: false,
  }));

  assert.equal([...encodeFrames(frames, true)].length, 1);
});

Deno.test("no two frames have the same mask", () => {
  const frames = Array.from({ length: 100 }, () => ({
    opcode: 1,
    payload: new Uint8Array(4),
    isCompressed: false,
  }));

  const bytes = concat([...encodeFrames(frames, true)]);

  const masks = frames.map((_, at) =>
    bytes.subarray(at * 10 + 2, at * 10 + 6).join()
  );
  assert.ok(new Set(masks).size > 95, masks.join(" "));
});

/** Payload → the sizes of the writes without a mask: heads have 2, 4 or 10 bytes. */
const WRITES = [
  [[16_370], [16_374]],
  [[16_371], [4, 16_371, 0]],
  [[16_371, 3], [4, 16_371, 0, 5]],
  [[3, 16_371], [5 + 4, 16_371, 0]],
  [[70_000], [10, 70_000, 0]],
  [[16_300, 100], [16_304, 102]],
] as const;

for (const [sizes, writes] of WRITES) {
  Deno.test(`frames of ${sizes} bytes are ${writes.length} writes`, () => {
    const frames = sizes.map((size) => ({
      opcode: 2,
      payload: patternBytes(size),
      isCompressed: false,
    }));
    const lengths = Array.from(
      encodeFrames(frames, false),
      (piece) => piece.length,
    );
    assert.deepEqual(
      lengths.filter((length) => length > 0),
      writes.filter((length) => length > 0),
    );
  });
}
