/** Waits for running jobs while a tunnel stops. */
import { sleep, timer } from "../async/timer.ts";
import { logger } from "../log/log.ts";
import { RestError } from "./rest/rest_error.ts";

/** Options of {@linkcode waitForJobs}. */
export interface WaitForJobsOptions {
  /** Reads how many jobs are still running. */
  readonly count: (signal: AbortSignal) => Promise<number>;
  /** Longest wait, in milliseconds. */
  readonly timeout: number;
}

const log = logger("control");

/** Interval between log lines, in milliseconds. */
const REPORT_INTERVAL = 15_000;
/** Interval between REST calls, in milliseconds. */
const POLL_INTERVAL = 1_000;

/** Resolves when no job is running, when the time is over, or when the server is gone. */
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
      // The server has forgotten the tunnel, or is gone: there is nothing to wait for.
      if (!isTemporary(cause)) return;
    }
  }
}

/** Whether the server requested a retry. */
function isTemporary(cause: unknown): boolean {
  return cause instanceof RestError && cause.retryAfter !== undefined;
}

function report(jobs: number, left: number): void {
  log.info(
    `waiting for ${jobs} active job(s) to finish, timeout: ${
      formatDuration(left)
    }`,
  );
}

/** `2h59m45s`: the format of the duration flags. */
function formatDuration(milliseconds: number): string {
  const seconds = Math.ceil(milliseconds / 1000);
  const [h, m, s] = [
    Math.floor(seconds / 3600),
    Math.floor(seconds / 60) % 60,
    seconds % 60,
  ];
  if (h > 0) return `${h}h${m}m${s}s`;
  return m > 0 ? `${m}m${s}s` : `${s}s`;
}
