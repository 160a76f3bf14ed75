import assert from "node:assert/strict";
import { durationText } from "../../../../src/server/web/tunnels/duration_text.ts";

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
  Deno.test(`durationText(${milliseconds}) is "${text}"`, () => {
    assert.equal(durationText(milliseconds), text);
  });
}
