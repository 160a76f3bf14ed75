import assert from "node:assert/strict";
import {
  formatDuration,
  formatElapsed,
  formatRate,
  formatRoundTrip,
  formatSize,
  formatTimeOfDay,
  renderTimestamp,
} from "../../src/web/format.ts";

for (
  const [bytes, text] of [
    [0, "0 B"],
    [999, "999 B"],
    [1000, "1.0 kB"],
    [999.4, "999 B"],
    [999.5, "1.0 kB"],
    [1549, "1.5 kB"],
    [9_949, "9.9 kB"],
    [9_950, "10 kB"],
    [999_499, "999 kB"],
    [999_500, "1.0 MB"],
    [12_345_678, "12 MB"],
    [999_999, "1.0 MB"],
    [3.2e18, "3200 PB"],
  ] as const
) {
  Deno.test(`formatSize(${bytes}) is "${text}"`, () => {
    assert.equal(formatSize(bytes), text);
  });
}

for (
  const [milliseconds, text] of [
    [undefined, "–"],
    [0.049, "< 0.1 ms"],
    [0.05, "0.1 ms"],
    [0.42, "0.4 ms"],
    [9.949, "9.9 ms"],
    [9.95, "10 ms"],
    [38.4, "38 ms"],
  ] as const
) {
  Deno.test(`formatRoundTrip(${milliseconds}) is "${text}"`, () => {
    assert.equal(formatRoundTrip(milliseconds), text);
  });
}

for (
  const [milliseconds, text] of [
    [0.42, "0.4 ms"],
    [9.949, "9.9 ms"],
    [9.95, "10 ms"],
    [38.4, "38 ms"],
    [999.4, "999 ms"],
    [999.5, "1.00 s"],
    [1_250, "1.25 s"],
    [59_990, "59.99 s"],
    [60_000, "1 min 0 s"],
    [200_999, "3 min 20 s"],
  ] as const
) {
  Deno.test(`formatElapsed(${milliseconds}) is "${text}"`, () => {
    assert.equal(formatElapsed(milliseconds), text);
  });
}

Deno.test("formatRate() is a size a second", () => {
  assert.equal(formatRate(1_500), "1.5 kB/s");
});

Deno.test("renderTimestamp() has minutes for people, and all for programs", () => {
  assert.equal(String(renderTimestamp(undefined)), "never");
  assert.equal(
    String(renderTimestamp(Date.UTC(2026, 10, 28, 15, 4, 59))),
    '<time datetime="2026-11-28T15:04:59.000Z">2026-11-28 15:04 UTC</time>',
  );
});

Deno.test("formatTimeOfDay() has two digits each, and milliseconds", () => {
  const at = (...time: [number, number, number, number]) =>
    formatTimeOfDay(new Date(2026, 10, 28, ...time).getTime());

  assert.equal(at(14, 3, 59, 123), "14:03:59.123");
  assert.equal(at(4, 30, 5, 7), "04:30:05.007");
});

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

for (
  const [milliseconds, text] of [
    [-5, "0 s"],
    [999, "0 s"],
    [1_999, "1 s"],
    [59_999, "59 s"],
    [MINUTE, "1 min"],
    [HOUR - 1, "59 min"],
    [HOUR, "1 h"],
    [3 * HOUR + 5 * MINUTE + 59 * SECOND, "3 h 5 min"],
    [24 * HOUR - 1, "23 h 59 min"],
    [24 * HOUR, "1 d"],
    [52 * HOUR + 59 * MINUTE, "2 d 4 h"],
  ] as const
) {
  Deno.test(`formatDuration(${milliseconds}) is "${text}"`, () => {
    assert.equal(formatDuration(milliseconds), text);
  });
}
