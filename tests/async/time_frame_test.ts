import assert from "node:assert/strict";

import {
  formatTimeFrame,
  isWithin,
  parseTimeFrame,
} from "../../src/async/time_frame.ts";

for (
  const [text, written] of [
    ["mon/11-13", "mon/11-13"],
    ["Sunday/0-24", "sun/0-24"],
    ["SAT/09-10", "sat/9-10"],
  ] as const
) {
  Deno.test(`parseTimeFrame() reads ${text}`, () => {
    assert.equal(formatTimeFrame(parseTimeFrame(text)), written);
  });
}

for (
  const text of [
    ...["", "mon", "mon/11", "mo/1-2", "mon/13-11", "mon/11-11", "mon/0-25"],
    ...["mon/-1-2", "mon/1.5-2", "mon/11-13 ", "day/1-2"],
  ]
) {
  Deno.test(`parseTimeFrame() refuses "${text}"`, () => {
    assert.throws(() => parseTimeFrame(text), SyntaxError);
  });
}

Deno.test("isWithin() has the first hour in and the last one out", () => {
  // The 2nd of June 2025 was a Monday.
  const at = (hour: number, minute: number, day = 2) =>
    isWithin(
      [parseTimeFrame("mon/11-13")],
      new Date(2025, 5, day, hour, minute),
    );

  assert.deepEqual(
    [at(10, 59), at(11, 0), at(12, 59), at(13, 0), at(12, 0, 3)],
    [false, true, true, false, false],
  );
});

Deno.test("isWithin() takes 24 as the end of the day", () => {
  const frames = [parseTimeFrame("mon/23-24")];

  assert(isWithin(frames, new Date(2025, 5, 2, 23, 59)));
  assert(!isWithin(frames, new Date(2025, 5, 3, 0, 0)));
});
