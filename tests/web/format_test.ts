import assert from "node:assert/strict";
import {
  formatDuration,
  formatRoundTrip,
  formatSize,
} from "../../src/web/format.ts";

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
  Deno.test(`formatSize(${bytes}) is "${text}"`, () => {
    assert.equal(formatSize(bytes), text);
  });
}

Deno.test("formatRoundTrip() has a digit more where it matters, and a dash for nothing", () => {
  assert.deepEqual([0.04, 0.42, 38.4, undefined].map(formatRoundTrip), [
    "< 0.1 ms",
    "0.4 ms",
    "38 ms",
    "–",
  ]);
});

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

for (
  const [milliseconds, text] of [
    [-5, "0 s"],
    [999, "0 s"],
    [59_999, "59 s"],
    [MINUTE, "1 min"],
    [HOUR - 1, "59 min"],
    [HOUR, "1 h"],
    [3 * HOUR + 5 * MINUTE + 59 * SECOND, "3 h 5 min"],
    [24 * HOUR, "1 d"],
    [52 * HOUR + 59 * MINUTE, "2 d 4 h"],
  ] as const
) {
  Deno.test(`formatDuration(${milliseconds}) is "${text}"`, () => {
    assert.equal(formatDuration(milliseconds), text);
  });
}
