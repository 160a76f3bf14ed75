/** Sizes, rates and times for people. */
import { html } from "hono/html";
import type { Markup } from "./layout.ts";

const UNITS: readonly string[] = ["B", "kB", "MB", "GB", "TB", "PB"];

/** `0 B`, `999 B`, `1.5 kB`, `12 MB`: powers of 1000, two digits. */
export function formatSize(bytes: number): string {
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
export function formatRate(bytesPerSecond: number): string {
  return `${formatSize(bytesPerSecond)}/s`;
}

/** `< 0.1 ms`, `0.4 ms`, `38 ms`; a dash before the first measurement. */
export function formatRoundTrip(milliseconds: number | undefined): string {
  if (milliseconds === undefined) return "–";
  if (milliseconds < 0.05) return "< 0.1 ms";
  return `${milliseconds.toFixed(milliseconds < 9.95 ? 1 : 0)} ms`;
}

/** `0.4 ms`, `38 ms`, `1.25 s`, `3 min 20 s`: how long a request took. */
export function formatElapsed(milliseconds: number): string {
  if (milliseconds < 9.95) return `${milliseconds.toFixed(1)} ms`;
  if (milliseconds < 999.5) return `${Math.round(milliseconds)} ms`;
  const seconds = milliseconds / 1000;
  if (seconds < 60) return `${seconds.toFixed(2)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.floor(seconds % 60)} s`;
}

const MINUTE = 60;
const HOUR: number = 60 * MINUTE;
const DAY: number = 24 * HOUR;

/** `5 s`, `12 min`, `3 h 5 min`, `2 d 4 h`: at most two units, rounded down. */
export function formatDuration(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  if (seconds < MINUTE) return `${seconds} s`;
  if (seconds < HOUR) return `${Math.floor(seconds / MINUTE)} min`;
  if (seconds < DAY) return twoUnits(seconds, [HOUR, "h"], [MINUTE, "min"]);
  return twoUnits(seconds, [DAY, "d"], [HOUR, "h"]);
}

type Unit = readonly [seconds: number, name: string];

function twoUnits(seconds: number, large: Unit, small: Unit): string {
  const first = `${Math.floor(seconds / large[0])} ${large[1]}`;
  const rest = Math.floor(seconds % large[0] / small[0]);
  return rest === 0 ? first : `${first} ${rest} ${small[1]}`;
}

/** `2026-11-28 15:04 UTC`, or `never`. UTC reads the same for everyone. */
export function renderTimestamp(milliseconds: number | undefined): Markup {
  if (milliseconds === undefined) return html`never`;
  const iso = new Date(milliseconds).toISOString();
  const text = iso.slice(0, 16).replace("T", " ");
  return html`<time datetime="${iso}">${text} UTC</time>`;
}

/** `14:03:59.123`, in the time zone of this machine. */
export function formatTimeOfDay(at: number): string {
  const date = new Date(at);
  const [hours, minutes, seconds] = [
    date.getHours(),
    date.getMinutes(),
    date.getSeconds(),
  ].map((each) => String(each).padStart(2, "0"));
  const rest = String(date.getMilliseconds()).padStart(3, "0");
  return `${hours}:${minutes}:${seconds}.${rest}`;
}
