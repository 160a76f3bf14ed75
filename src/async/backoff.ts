/** What the delays look like. */
export interface BackoffOptions {
  /** First delay in milliseconds. */
  readonly first?: number;
  /** Longest delay in milliseconds. */
  readonly max?: number;
  /** How much a delay may vary, as a part of itself: 0 to 1. */
  readonly jitter?: number;
  /** Where chance comes from: 0 (included) to 1 (not). */
  readonly random?: () => number;
}

/**
 * Doubles the delay from attempt to attempt, up to a limit, and varies it so
 * that clients that lost the same server do not come back in step.
 */
export class Backoff {
  readonly #first: number;
  readonly #max: number;
  readonly #jitter: number;
  readonly #random: () => number;
  #attempts = 0;

  constructor(
    { first = 100, max = 10_000, jitter = 0.2, random = Math.random }:
      BackoffOptions = {},
  ) {
    this.#first = first;
    this.#max = max;
    this.#jitter = jitter;
    this.#random = random;
  }

  /** How many delays were handed out since the last success. */
  get attempts(): number {
    return this.#attempts;
  }

  /** The next delay in milliseconds. */
  next(): number {
    const plain = Math.min(this.#max, this.#first * 2 ** this.#attempts);
    this.#attempts += 1;
    return Math.round(plain * (1 - this.#jitter * this.#random()));
  }

  /** Starts over: the attempt succeeded. */
  reset(): void {
    this.#attempts = 0;
  }
}
