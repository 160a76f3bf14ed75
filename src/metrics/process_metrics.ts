/** What a process has of its machine: files, turns of its event loop, lines of its log. */
import { Histogram } from "prom-client";
import { PREFIX, readCounter, readGauge } from "./read_metrics.ts";
import type { Registry } from "./registry.ts";

/** Seconds: from an idle loop to one that every browser notices. */
const LAG_BUCKETS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];
/** Free files that are counted at a scrape, which takes 2 ms. */
const COUNTED_FILES = 256;
/** Two metrics of one scrape are one count, in milliseconds. */
const SCRAPE_TIME = 1_000;

/** The files of a process. */
export interface FileNumbers {
  /** `undefined` when none is free. */
  readonly open: number | undefined;
  /** At most as many as were counted. */
  readonly free: number;
}

/** Counts files; `undefined` where that is impossible. */
export type FileCounter = (atMost: number) => FileNumbers | undefined;

/** Registers open files, and their limit as far as it is known; nothing where they cannot be counted. */
export function registerFiles(registry: Registry, count: FileCounter): void {
  let countedAt = -Infinity;
  let found: FileNumbers | undefined;
  // No call of the runtime says the limit: what was counted is within it.
  let limit = 0;
  readGauge(registry, {
    name: "files_open",
    help: "Files and connections that the process has open.",
    read: () => {
      const numbers = read();
      return numbers && (numbers.open ?? limit);
    },
  });
  readGauge(registry, {
    name: "files_free",
    help:
      `Files that it can still open; ${COUNTED_FILES} is that many or more.`,
    read: () => read()?.free,
  });
  readGauge(registry, {
    name: "files_limit",
    help: "Files that it may have open, as far as they were ever counted.",
    read: () => read() && limit,
  });

  function read(): FileNumbers | undefined {
    const now = performance.now();
    if (now - countedAt < SCRAPE_TIME) return found;
    countedAt = now;
    found = count(COUNTED_FILES);
    if (found?.open !== undefined) {
      const sum = found.open + found.free;
      limit = found.free < COUNTED_FILES ? sum : Math.max(limit, sum);
    }
    return found;
  }
}

/** Registers how late the event loop is. @returns Takes a measurement in seconds. */
export function registerLoopLag(registry: Registry): (lag: number) => void {
  const histogram = new Histogram({
    name: `${PREFIX}event_loop_lag_seconds`,
    help: "How late timers of the program are called, in seconds: all " +
      "requests wait as long.",
    buckets: LAG_BUCKETS,
    registers: [registry],
  });
  return (lag) => histogram.observe(lag);
}

/** Registers the number of log lines that were dropped; nothing without `count`. */
export function registerDroppedLines(
  registry: Registry,
  count: (() => number) | undefined,
): void {
  if (count === undefined) return;
  readCounter(registry, {
    name: "log_lines_dropped_total",
    help: "Lines that are missing in the log: what takes it was too slow, or " +
      "failed.",
    read: count,
  });
}
