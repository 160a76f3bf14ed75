/**
 * Small texts about exchanges.
 *
 * @module
 */
import type { ExchangeRecord } from "./exchange_record.ts";

/** What a status looks like: a word of the style sheet. */
export type StatusLook = "good" | "waiting" | "ending" | "odd" | "bad";

/**
 * `200`, `waiting`, `200, cut short` …
 *
 * @param words What the status means, if that is to be said.
 */
export function statusTextOf(
  { response, end }: ExchangeRecord,
  words = "",
): string {
  const status = response === undefined ? "" : `${response.status} ${words}`;
  switch (end) {
    case undefined:
      return status === "" ? "waiting" : `${status.trim()} …`;
    case "cut":
      return status === "" ? "cut short" : `${status.trim()}, cut short`;
    case "unwanted":
      return `${status.trim()}, given up`;
    case "whole":
      return status.trim();
  }
}

/** How it went, at a glance. */
export function lookOf({ response, end }: ExchangeRecord): StatusLook {
  const status = response?.status ?? 0;
  if (end === undefined) return "waiting";
  if (end === "cut" || status >= 500) return "bad";
  if (status >= 400) return "odd";
  return status >= 300 ? "ending" : "good";
}

/** `0.4 ms`, `38 ms`, `1.25 s`, `3 min 20 s`. */
export function millisecondsText(milliseconds: number): string {
  if (milliseconds < 9.95) return `${milliseconds.toFixed(1)} ms`;
  if (milliseconds < 999.5) return `${Math.round(milliseconds)} ms`;
  const seconds = milliseconds / 1000;
  if (seconds < 60) return `${seconds.toFixed(2)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.floor(seconds % 60)} s`;
}

/** `14:03:59.123`, by this machine's clock. */
export function clockText(at: number): string {
  const date = new Date(at);
  const [hours, minutes, seconds] = [
    date.getHours(),
    date.getMinutes(),
    date.getSeconds(),
  ].map((each) => String(each).padStart(2, "0"));
  const rest = String(date.getMilliseconds()).padStart(3, "0");
  return `${hours}:${minutes}:${seconds}.${rest}`;
}
