import assert from "node:assert/strict";
import fc from "fast-check";
import {
  MAX_HEAD,
  parseHead,
  writeHead,
} from "../../../src/websocket/frames/frame_head.ts";
import { rawFrame } from "../raw_frames.ts";

/** What a frame may not begin with, and why it is refused. */
const REFUSED = {
  "a second reserved bit": [[0x91, 0], /reserved bits/],
  "a third reserved bit": [[0xa1, 0], /reserved bits/],
  "an unknown message": [[0x83, 0], /unknown opcode 3/],
  "an unknown control frame": [[0x8b, 0], /unknown opcode 11/],
  "half a ping": [[0x09, 0], /control frame is a fragment/],
  "a ping of 126 bytes": [[0x89, 126], /control frame is too long/],
  "a compressed ping": [[0xc9, 0], /control frame is compressed/],
  "125 in two bytes": [[0x82, 126, 0, 125], /length is too long/],
  "65,535 in eight bytes": [
    [0x82, 127, 0, 0, 0, 0, 0, 0, 255, 255],
    /length is too long/,
  ],
  "a length of 64 bits": [
    [0x82, 127, 128, 0, 0, 0, 0, 1, 0, 0],
    /first bit set/,
  ],
} as const;

for (const [what, [bytes, reason]] of Object.entries(REFUSED)) {
  Deno.test(`a frame that begins with ${what} closes with 1002`, () => {
    assert.throws(
      () => parseHead(Uint8Array.from(bytes)),
      { name: "WebSocketError", code: 1002, message: reason },
    );
  });
}

Deno.test("a length of 63 bits is read", () => {
  const bytes = Uint8Array.of(0x82, 127, 0x7f, 255, 255, 255, 255, 255, 0, 0);

  assert.equal(parseHead(bytes)?.length, Number(0x7fff_ffff_ffff_0000n));
});

Deno.test("a written head is read as it was, from all its bytes and from no fewer", () => {
  fc.assert(fc.property(
    fc.constantFrom(0, 1, 2, 8, 9, 10),
    fc.boolean(),
    fc.oneof(
      fc.constantFrom(0, 125, 126, 65_535, 65_536, 2 ** 40),
      fc.nat({ max: 200_000 }),
    ),
    fc.option(fc.uint8Array({ minLength: 4, maxLength: 4 }), {
      nil: undefined,
    }),
    (opcode, isMarked, size, mask) => {
      const length = opcode >= 8 ? size % 126 : size;
      const isCompressed = isMarked && opcode < 8;
      const into = new Uint8Array(MAX_HEAD);
      const written = writeHead(into, { opcode, isCompressed, length, mask });
      const bytes = into.subarray(0, written);

      const head = parseHead(into);

      assert.deepEqual(
        head,
        { opcode, isFinal: true, isCompressed, length, mask, size: written },
      );
      for (let cut = 0; cut < written; cut++) {
        assert.equal(parseHead(bytes.subarray(0, cut)), undefined);
      }
      if (length > 1_000) return;
      const payload = new Uint8Array(length);
      const reserved = isCompressed ? 4 : 0;
      const given = mask && [...mask];
      const raw = rawFrame({ opcode, payload, reserved, mask: given });
      assert.deepEqual(raw.subarray(0, written), bytes);
    },
  ));
});
