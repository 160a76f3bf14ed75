import assert from "node:assert/strict";
import {
  decodeLatin1,
  encodeLatin1,
  latin1Buffer,
  latin1Text,
} from "../../src/http/latin1.ts";

Deno.test("decodeLatin1() makes one character of each byte, and encodeLatin1() goes back", () => {
  const bytes = Uint8Array.from({ length: 256 }, (_, at) => at);

  const text = decodeLatin1(bytes);

  assert.deepEqual(Array.from(text, (character) => character.charCodeAt(0)), [
    ...bytes,
  ]);
  assert.deepEqual(encodeLatin1(text), bytes);
  assert.equal(decodeLatin1(bytes, 0x41, 0x44), "ABC");
});

Deno.test("encodeLatin1() refuses a character that is not a byte", () => {
  assert.throws(() => encodeLatin1("\u010a"), TypeError);
});

// Around the lengths at which the way of doing it changes.
const LENGTHS = [0, 1, 23, 24, 25, 255, 256, 4095, 4096, 4097, 70_000];

for (const length of LENGTHS) {
  Deno.test(`latin1Text() turns ${length} octets of all values into as many characters`, () => {
    const room = latin1Buffer(length);
    for (let i = 0; i < length; i++) room[i] = (i * 7) & 0xff;

    const text = latin1Text(room, length);

    assert.equal(text.length, length);
    for (let i = 0; i < length; i++) {
      assert.equal(text.charCodeAt(i), (i * 7) & 0xff);
    }
  });
}

Deno.test("latin1Text() keeps its text when the room is used again", () => {
  const room = latin1Buffer(40).fill(0x61);
  const text = latin1Text(room, 40);

  latin1Text(latin1Buffer(40).fill(0x62), 40);

  assert.equal(text, "a".repeat(40));
});
