/**
 * Durations for people.
 *
 * @module
 */

const MINUTE = 60;
const HOUR: number = 60 * MINUTE;
const DAY: number = 24 * HOUR;

/** `5 s`, `12 min`, `3 h 5 min`, `2 d 4 h`: two units at most, rounded down. */
export function durationText(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  if (seconds < MINUTE) return `${seconds} s`;
  if (seconds < HOUR) return `${Math.floor(seconds / MINUTE)} min`;
  if (seconds < DAY) return pair(seconds, [HOUR, "h"], [MINUTE, "min"]);
  return pair(seconds, [DAY, "d"], [HOUR, "h"]);
}

type Unit = readonly [seconds: number, name: string];

function pair(seconds: number, large: Unit, small: Unit): string {
  const first = `${Math.floor(seconds / large[0])} ${large[1]}`;
  const rest = Math.floor(seconds % large[0] / small[0]);
  return rest === 0 ? first : `${first} ${rest} ${small[1]}`;
}
