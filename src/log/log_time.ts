/** `Date.now()` minus `performance.now()`, as far as it is known, in milliseconds. */
let offset = Date.now() - performance.now();

/**
 * The time of a log line: microseconds since 1970. The milliseconds are those of `Date.now()`, so a
 * clock that is set takes effect at once; the digits below come from the
 * monotonic clock.
 */
export function logTime(): number {
  const wall = Date.now();
  const elapsed = performance.now();
  const precise = Math.min(Math.max(elapsed + offset, wall), wall + 0.999);
  offset = precise - elapsed;
  return Math.floor(precise * 1000);
}
