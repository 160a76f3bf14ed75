import assert from "node:assert/strict";
import { roundTripText, sizeText } from "../../src/web/number_text.ts";

for (
  const [bytes, text] of [
    [0, "0 B"],
    [999, "999 B"],
    [1000, "1.0 kB"],
    [1549, "1.5 kB"],
    [12_345_678, "12 MB"],
    [999_999, "1.0 MB"],
    [3.2e18, "3200 PB"],
  ] as const
) {
  Deno.test(`sizeText(${bytes}) is "${text}"`, () => {
    assert.equal(sizeText(bytes), text);
  });
}

Deno.test("roundTripText() has a digit more where it matters, and a dash for nothing", () => {
  assert.deepEqual([0.04, 0.42, 38.4, undefined].map(roundTripText), [
    "< 0.1 ms",
    "0.4 ms",
    "38 ms",
    "–",
  ]);
});
