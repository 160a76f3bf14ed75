import assert from "node:assert/strict";
import fc from "fast-check";
import { applyMask } from "../../../src/websocket/frames/mask.ts";

Deno.test("applyMask() masks each byte with that of its place, wherever the bytes lie in memory", () => {
  const mask = fc.uint8Array({ minLength: 4, maxLength: 4 });
  const small = fc.integer({ min: 0, max: 9 });
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 100 }),
      mask,
      small,
      small,
      (content, mask, start, offset) => {
        const memory = new Uint8Array(start + content.length + 5).fill(0xaa);
        const bytes = memory.subarray(start, start + content.length);
        bytes.set(content);

        applyMask(bytes, mask, offset);

        const wanted = content.map((byte, at) =>
          byte ^ (mask[(at + offset) % 4] ?? 0)
        );
        assert.deepEqual(bytes, wanted);
        const others = [
          ...memory.subarray(0, start),
          ...memory.subarray(start + content.length),
        ];
        assert.ok(others.every((byte) => byte === 0xaa));
      },
    ),
  );
});
