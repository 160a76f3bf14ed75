import assert from "node:assert/strict";
import { decodeLatin1, encodeLatin1 } from "../../src/http/latin1.ts";

Deno.test("decodeLatin1() makes one character of each byte, and encodeLatin1() goes back", () => {
  const bytes = Uint8Array.from({ length: 256 }, (_, at) => at);

  const text = decodeLatin1(bytes);

  assert.deepEqual(Array.from(text, (character) => character.charCodeAt(0)), [
    ...bytes,
  ]);
  assert.deepEqual(encodeLatin1(text), bytes);
  assert.equal(decodeLatin1(bytes, 0x41, 0x44), "ABC");
});

Deno.test("encodeLatin1() refuses a character that is no byte", () => {
  assert.throws(() => encodeLatin1("\u010a"), TypeError);
});
