import { strictEqual } from "node:assert/strict";
import { latin1Buffer, latin1Text } from "../../../src/http2/hpack/latin1.ts";

// Around the lengths at which the method changes.
const LENGTHS = [0, 1, 23, 24, 25, 255, 256, 4095, 4096, 4097, 70_000];

for (const length of LENGTHS) {
  Deno.test(`latin1Text() turns ${length} octets of all values into as many characters`, () => {
    const room = latin1Buffer(length);
    for (let i = 0; i < length; i++) room[i] = (i * 7) & 0xff;

    const text = latin1Text(room, length);

    strictEqual(text.length, length);
    for (let i = 0; i < length; i++) {
      strictEqual(text.charCodeAt(i), (i * 7) & 0xff);
    }
  });
}

Deno.test("latin1Text() keeps its text when the room is used again", () => {
  const room = latin1Buffer(40).fill(0x61);
  const text = latin1Text(room, 40);

  latin1Text(latin1Buffer(40).fill(0x62), 40);

  strictEqual(text, "a".repeat(40));
});
