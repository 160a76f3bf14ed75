/**
 * Retries a REST call when the server says after what time: it has had too many
 * requests (429), or it is restarting (503).
 */
import { Backoff } from "../../async/backoff.ts";
import { sleep } from "../../async/timer.ts";
import { logger } from "../../log/log.ts";
import { DialError, type DialErrorCode } from "../../net/dial_error.ts";
import { RestError } from "./rest_error.ts";

/**
 * How long the calls of a start may be retried, all together, in milliseconds.
 * Failed logins count for a minute. A server that restarts first waits for its
 * running requests, for 30 s by default.
 */
export const START_RETRY_LIMIT = 120_000;

/** Clients with the same pause come back spread over so many milliseconds, not all at once. */
const SPREAD = 1_000;
/** Pauses while the server is down, in milliseconds: those between attempts to open a session. */
const DOWN_BACKOFF = { first: 1_000, max: 4_000 } as const;
/** Why a server that is restarting cannot be reached. */
const RESTARTING: readonly DialErrorCode[] = [
  "refused",
  "unreachable",
  "timedOut",
  "tls",
  "failed",
];

/** What time and chance are to the policy. */
export interface RetryAfterPolicyOptions {
  /** Milliseconds of a monotonic clock. Default: the machine's. */
  readonly now?: () => number;
  /** A random number from 0 (included) to 1 (excluded). */
  readonly random?: () => number;
  readonly sleep?: (ms: number, signal: AbortSignal) => Promise<void>;
}

const log = logger("control");

/** Waits as long as the server requests, up to a limit that begins with the first request to wait. */
export class RetryAfterPolicy {
  readonly #limit: number;
  readonly #now: () => number;
  readonly #random: () => number;
  readonly #sleep: NonNullable<RetryAfterPolicyOptions["sleep"]>;
  #until: number | undefined;

  /** @param limit In milliseconds. */
  constructor(
    limit: number,
    {
      now = () => performance.now(),
      random = Math.random,
      sleep: pause = sleep,
    }: RetryAfterPolicyOptions = {},
  ) {
    this.#limit = limit;
    this.#now = now;
    this.#random = random;
    this.#sleep = pause;
  }

  /**
   * Makes a call, and repeats it when the server requests a retry.
   *
   * @throws What the call throws, when waiting does not help or takes too long.
   */
  async run<Reply>(
    call: () => Promise<Reply>,
    signal: AbortSignal,
  ): Promise<Reply> {
    const backoff = new Backoff({ ...DOWN_BACKOFF, random: this.#random });
    while (true) {
      try {
        return await call();
      } catch (cause) {
        const pause = this.#pauseAfter(cause, backoff);
        if (pause === undefined) throw cause;
        logPause(cause, pause);
        await this.#sleep(pause, signal);
      }
    }
  }

  #pauseAfter(cause: unknown, backoff: Backoff): number | undefined {
    const pause = this.#requestedPause(cause) ??
      this.#pauseWhileDown(cause, backoff);
    if (pause === undefined) return undefined;
    const now = this.#now();
    this.#until ??= now + this.#limit;
    return now + pause > this.#until ? undefined : pause;
  }

  #requestedPause(cause: unknown): number | undefined {
    const retryAfter = cause instanceof RestError
      ? cause.retryAfter
      : undefined;
    if (retryAfter === undefined) return undefined;
    return retryAfter * 1000 + Math.round(SPREAD * this.#random());
  }

  /** Only a server that requested a retry before is expected back. */
  #pauseWhileDown(cause: unknown, backoff: Backoff): number | undefined {
    const isRestarting = this.#until !== undefined &&
      cause instanceof DialError && RESTARTING.includes(cause.code);
    return isRestarting ? backoff.next() : undefined;
  }
}

function logPause(cause: unknown, pause: number): void {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const fields = { reason, wait: `${Math.ceil(pause / 1000)}s` };
  if (cause instanceof RestError) {
    log.warn("server asked us to retry later", fields);
  } else {
    log.warn("server is not back yet", fields);
  }
}
