/**
 * Asking again: a server that has had too many requests (429), or that is being
 * restarted (503), says after what time.
 *
 * @module
 */
import { Backoff } from "../../async/backoff.ts";
import { sleep } from "../../async/timer.ts";
import { logger } from "../../log/log.ts";
import { DialError, type DialErrorCode } from "../../net/dial_error.ts";
import { RestError } from "./rest_error.ts";

/**
 * How long a start waits, in milliseconds, all its calls together: failed
 * logins count for a minute, and a server that is restarted waits for what is
 * under way, 30 s unless told otherwise, before it comes back.
 */
export const START_PATIENCE = 120_000;

/** Clients that were told the same time come back within so many milliseconds after it, not all at once. */
const SPREAD = 1_000;
/** Pauses while the server is not there, in milliseconds: as those between attempts to open a session. */
const ABSENT = { first: 1_000, max: 4_000 } as const;
/** Why a server that is coming back cannot be connected to. */
const IN_BETWEEN: readonly DialErrorCode[] = [
  "refused",
  "unreachable",
  "timedOut",
  "tls",
  "failed",
];

/** What patience goes by. */
export interface PatienceOptions {
  /** Milliseconds of a clock that never goes back; the machine's unless given. */
  readonly now?: () => number;
  /** Where chance comes from: 0 (included) to 1 (not). */
  readonly random?: () => number;
  readonly sleep?: (ms: number, signal: AbortSignal) => Promise<void>;
}

const log = logger("control");

/** Waits as the server asks, for a limited time from the first time it does. */
export class Patience {
  readonly #limit: number;
  readonly #now: () => number;
  readonly #random: () => number;
  readonly #sleep: NonNullable<PatienceOptions["sleep"]>;
  #until: number | undefined;

  /** @param limit In milliseconds. */
  constructor(
    limit: number,
    {
      now = () => performance.now(),
      random = Math.random,
      sleep: pause = sleep,
    }: PatienceOptions = {},
  ) {
    this.#limit = limit;
    this.#now = now;
    this.#random = random;
    this.#sleep = pause;
  }

  /**
   * Makes a call, and again when the server wants it later.
   *
   * @throws What the call throws that waiting does not help against, or the last
   * refusal when it would take too long.
   */
  async ask<Reply>(
    call: () => Promise<Reply>,
    signal: AbortSignal,
  ): Promise<Reply> {
    const absence = new Backoff({ ...ABSENT, random: this.#random });
    while (true) {
      try {
        return await call();
      } catch (cause) {
        const pause = this.#pauseAfter(cause, absence);
        if (pause === undefined) throw cause;
        tell(cause, pause);
        await this.#sleep(pause, signal);
      }
    }
  }

  #pauseAfter(cause: unknown, absence: Backoff): number | undefined {
    const pause = this.#told(cause) ?? this.#absent(cause, absence);
    if (pause === undefined) return undefined;
    const now = this.#now();
    this.#until ??= now + this.#limit;
    return now + pause > this.#until ? undefined : pause;
  }

  #told(cause: unknown): number | undefined {
    if (!(cause instanceof RestError)) return undefined;
    const { retryAfter } = cause;
    if (retryAfter === undefined) return undefined;
    return retryAfter * 1000 + Math.round(SPREAD * this.#random());
  }

  /** Only one that has said so is coming back. */
  #absent(cause: unknown, absence: Backoff): number | undefined {
    const isInBetween = this.#until !== undefined &&
      cause instanceof DialError && IN_BETWEEN.includes(cause.code);
    return isInBetween ? absence.next() : undefined;
  }
}

function tell(cause: unknown, pause: number): void {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const fields = { reason, wait: `${Math.ceil(pause / 1000)}s` };
  if (cause instanceof RestError) {
    log.warn("server wants to be asked later", fields);
  } else {
    log.warn("server is not back yet", fields);
  }
}
