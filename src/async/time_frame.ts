/**
 * Hours of the week in which something is allowed: `mon/11-13`. Hours are
 * whole, those of this machine's clock, and the last one is not included.
 */

/** Some hours of one day of the week. */
export interface TimeFrame {
  /** 0 is Sunday, as in `Date.getDay()`. */
  readonly day: number;
  /** First hour, 0 to 23. */
  readonly from: number;
  /** The hour at which it ends, 1 to 24. */
  readonly to: number;
}

const DAYS = [
  "sunday",
  "monday",
  "tuesday",
  "wednesday",
  "thursday",
  "friday",
  "saturday",
] as const;

/**
 * Reads a frame; the day is a whole name or its first three letters, in any case.
 *
 * @throws {SyntaxError} When it is not a frame, or would go over midnight.
 */
export function parseTimeFrame(text: string): TimeFrame {
  const [, name = "", from = "", to = ""] =
    /^([a-z]+)\/(\d{1,2})-(\d{1,2})$/i.exec(text) ?? [];
  const lower = name.toLowerCase();
  const day = DAYS.findIndex((each) =>
    each === lower || each.slice(0, 3) === lower
  );
  const frame = { day, from: Number(from), to: Number(to) };
  if (day < 0) {
    throw new SyntaxError(
      `Cannot read the time frame "${text}": expected day/from-to such as mon/9-17`,
    );
  }
  if (frame.from >= frame.to || frame.to > 24) {
    throw new SyntaxError(
      `Cannot read the time frame "${text}": expected hours from 0 to 24, the first before the last`,
    );
  }
  return frame;
}

/** The text of a frame, as {@linkcode parseTimeFrame} reads it. */
export function formatTimeFrame({ day, from, to }: TimeFrame): string {
  return `${DAYS[day]?.slice(0, 3)}/${from}-${to}`;
}

/** Whether `time`, on this machine's clock, is in one of `frames`. */
export function isWithin(frames: readonly TimeFrame[], time: Date): boolean {
  const day = time.getDay();
  const hour = time.getHours();
  return frames.some((frame) =>
    frame.day === day && frame.from <= hour && hour < frame.to
  );
}
