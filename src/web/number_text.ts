/**
 * Sizes, rates and round trips for people.
 *
 * @module
 */

const UNITS: readonly string[] = ["B", "kB", "MB", "GB", "TB", "PB"];

/** `0 B`, `999 B`, `1.5 kB`, `12 MB`: powers of 1000, two digits. */
export function sizeText(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit > 0 && value < 9.95 ? 1 : 0;
  return `${value.toFixed(digits)} ${UNITS[unit]}`;
}

/** `1.5 kB/s`. */
export function rateText(bytesPerSecond: number): string {
  return `${sizeText(bytesPerSecond)}/s`;
}

/** `< 0.1 ms`, `0.4 ms`, `38 ms`; a dash while nothing was measured. */
export function roundTripText(milliseconds: number | undefined): string {
  if (milliseconds === undefined) return "–";
  if (milliseconds < 0.05) return "< 0.1 ms";
  return `${milliseconds.toFixed(milliseconds < 10 ? 1 : 0)} ms`;
}
