import assert from "node:assert/strict";
import {
  patienceOf,
  PING_INTERVAL,
  SILENCE_LIMITS,
  silenceLimits,
  silentAfter,
} from "../../src/tunnel/silence.ts";

Deno.test("a dead session is noticed after 2 s if something waits, and after 10 s at most", () => {
  assert.equal(PING_INTERVAL, 5_000);
  assert.deepEqual(SILENCE_LIMITS, {
    pingInterval: 5_000,
    pingTimeout: 5_000,
    overdueAfter: 2_000,
  });
  assert.deepEqual(silenceLimits(100), {
    pingInterval: 100,
    pingTimeout: 100,
    overdueAfter: 40,
  });
});

for (
  const [what, others, expected] of [
    ["there are no others", [], 0],
    ["a session replies fast", [{ silence: 0, lag: 20 }], 20],
    ["a session has a long queue", [{ silence: 0, lag: 8_000 }], 8_000],
    ["a PING of such a session has just gone out", [
      { silence: 100, lag: 4_000 },
    ], 4_000],
    ["a session owes half of its lag", [{ silence: 50, lag: 100 }], 100],
    ["a session owes more than half of its lag", [
      { silence: 51, lag: 100 },
    ], 0],
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
