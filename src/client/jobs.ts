/**
 * Waiting for running jobs when a tunnel is being stopped.
 *
 * @module
 */
import { sleep, timer } from "../async/timer.ts";
import { logger } from "../log/log.ts";
import { RestError } from "./rest/rest_error.ts";

/** How to wait. */
export interface WaitForJobsOptions {
  /** Asks how many are still running. */
  readonly count: (signal: AbortSignal) => Promise<number>;
  /** How long they may take, in milliseconds. */
  readonly timeout: number;
}

const log = logger("control");

/** People and log collectors see a line this often, in milliseconds. */
const REPORT_INTERVAL = 15_000;
/** How often the server is asked, in milliseconds. */
const POLL_INTERVAL = 1_000;

/** Resolves when no job is running, when time is up, or when the server cannot be asked any more. */
export async function waitForJobs(
  running: number,
  { count, timeout }: WaitForJobsOptions,
): Promise<void> {
  const startedAt = Date.now();
  const late = new AbortController();
  using _limit = timer(timeout, () => late.abort());
  let jobs = running;
  let reportAt = startedAt;
  while (jobs > 0) {
    const now = Date.now();
    const left = startedAt + timeout - now;
    if (left <= 0) return;
    if (now >= reportAt) {
      report(jobs, left);
      reportAt += REPORT_INTERVAL;
    }
    await sleep(Math.min(POLL_INTERVAL, left));
    try {
      jobs = await count(late.signal);
    } catch (cause) {
      // It has forgotten the tunnel or is gone: nothing is left to wait for.
      if (!isPassing(cause)) return;
    }
  }
}

/** Whether the server will answer again: it has said after what time. */
function isPassing(cause: unknown): boolean {
  return cause instanceof RestError && cause.retryAfter !== undefined;
}

function report(jobs: number, left: number): void {
  log.info(
    `waiting for ${jobs} active job(s) to finish, timeout: ${spell(left)}`,
  );
}

/** `2h59m45s`, as the duration flags are written. */
function spell(milliseconds: number): string {
  const seconds = Math.ceil(milliseconds / 1000);
  const [h, m, s] = [
    Math.floor(seconds / 3600),
    Math.floor(seconds / 60) % 60,
    seconds % 60,
  ];
  if (h > 0) return `${h}h${m}m${s}s`;
  return m > 0 ? `${m}m${s}s` : `${s}s`;
}
