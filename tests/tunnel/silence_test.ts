import assert from "node:assert/strict";
import { patienceOf, silentAfter } from "../../src/tunnel/silence.ts";

for (
  const [what, others, expected] of [
    ["there are no others", [], 0],
    ["a session replies fast", [{ silence: 0, lag: 20 }], 20],
    ["a session has a long queue", [{ silence: 0, lag: 8_000 }], 8_000],
    ["a PING of such a session has just gone out", [
      { silence: 100, lag: 4_000 },
    ], 4_000],
    ["a session is silent", [{ silence: 4_000, lag: 4_000 }], 0],
    ["a silent session had a PING before", [{ silence: 4_000, lag: 5_000 }], 0],
    ["one of several is slow", [
      { silence: 0, lag: 20 },
      { silence: 0, lag: 900 },
      { silence: 3_000, lag: 3_000 },
    ], 900],
  ] as const
) {
  Deno.test(`patienceOf() is ${expected} when ${what}`, () => {
    assert.equal(patienceOf(others), expected);
  });
}

Deno.test("silentAfter() is the limit, or twice the round trip if that is longer", () => {
  assert.equal(silentAfter(2_000, undefined), 2_000);
  assert.equal(silentAfter(2_000, 1_000), 2_000);
  assert.equal(silentAfter(2_000, 8_000), 16_000);
});
