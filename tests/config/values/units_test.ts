import assert from "node:assert/strict";

import {
  durationText,
  parseDuration,
  parseSize,
  sizeText,
} from "../../../src/config/values/units.ts";

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
    assert.equal(durationText(ms), shortest);
    assert.equal(parseDuration(shortest), ms);
  });
}

for (const text of ["", "30", "s", "-1s", "1s1m", "1 s", "1d", "9e9h", "1s "]) {
  Deno.test(`parseDuration() refuses "${text}"`, () => {
    assert.equal(parseDuration(text), undefined);
  });
}

const SIZES = [
  ["0", 0, "0"],
  ["1000", 1000, "1000"],
  ["1.5Ki", 1536, "1536"],
  ["1024", 1024, "1Ki"],
  ["1Mi", 1_048_576, "1Mi"],
  ["2Gi", 2_147_483_648, "2Gi"],
] as const;

for (const [text, bytes, shortest] of SIZES) {
  Deno.test(`parseSize() reads ${text}, formatSize() writes ${shortest}`, () => {
    assert.equal(parseSize(text), bytes);
    assert.equal(sizeText(bytes), shortest);
    assert.equal(parseSize(shortest), bytes);
  });
}

for (const text of ["", "Mi", "-1", "1M", "1 Mi", "1mi", "9".repeat(20)]) {
  Deno.test(`parseSize() refuses "${text}"`, () => {
    assert.equal(parseSize(text), undefined);
  });
}
