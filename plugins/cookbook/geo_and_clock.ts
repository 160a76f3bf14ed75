/**
 * Makes a site believe that a browser is somewhere else, at another time. Each
 * test job may have its own place:
 *
 * ```yaml
 * plugins:
 *   - use: ./geo_and_clock.ts
 *     options:
 *       default: { country: DE, language: "de-DE,de;q=0.9" }
 *       jobs:
 *         tokyo-: { country: JP, language: ja-JP, address: 203.0.113.7, hours: 9 }
 * ```
 *
 * A job belongs to the first entry that its id begins with.
 */
import type { Plugin } from "sallyport";

interface Place {
  /** What a network in front of the site would say. */
  readonly country?: string;
  readonly language?: string;
  readonly address?: string;
  /** Added to the time that responses have. */
  readonly hours?: number;
}

interface Options {
  readonly default?: Place;
  readonly jobs?: Readonly<Record<string, Place>>;
}

const HOUR = 60 * 60 * 1000;

export default {
  request({ headers }, { job, options, state }) {
    const place = placeOf(job, options);
    state.hours = place.hours ?? 0;
    if (place.language) headers.set("Accept-Language", place.language);
    if (place.address) headers.set("X-Forwarded-For", place.address);
    if (place.country) headers.set("X-Country-Code", place.country);
  },
  response({ headers }, { state }) {
    const date = headers.get("Date");
    if (!state.hours || date === null) return;
    const shifted = new Date(Date.parse(date) + state.hours * HOUR);
    headers.set("Date", shifted.toUTCString());
  },
} satisfies Plugin<Options, { hours: number }>;

function placeOf(
  job: string | undefined,
  { default: place = {}, jobs = {} }: Options,
): Place {
  if (job === undefined) return place;
  const prefix = Object.keys(jobs).find((each) => job.startsWith(each));
  return prefix === undefined ? place : jobs[prefix] ?? place;
}
