import assert from "node:assert/strict";

import {
  formatDuration,
  parseDuration,
} from "../../../src/config/values/duration.ts";

const DURATIONS = [
  ["30s", 30_000, "30s"],
  ["1m30s", 90_000, "1m30s"],
  ["90s", 90_000, "1m30s"],
  ["1h0m0s", 3_600_000, "1h"],
  ["1.5s", 1500, "1s500ms"],
  ["250ms", 250, "250ms"],
  ["0", 0, "0s"],
  ["0s", 0, "0s"],
] as const;

for (const [text, ms, shortest] of DURATIONS) {
  Deno.test(`parseDuration() reads ${text}, formatDuration() writes ${shortest}`, () => {
    assert.equal(parseDuration(text), ms);
    assert.equal(formatDuration(ms), shortest);
    assert.equal(parseDuration(shortest), ms);
  });
}

for (const text of ["", "30", "s", "-1s", "1s1m", "1 s", "1d", "9e9h", "1s "]) {
  Deno.test(`parseDuration() refuses "${text}"`, () => {
    assert.equal(parseDuration(text), undefined);
  });
}
