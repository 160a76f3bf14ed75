/** What a bucket holds, and how fast it fills. */
export interface TokenRate {
  /** Tokens in a full bucket. */
  readonly burst: number;
  /** Tokens that are added each second, above 0. */
  readonly perSecond: number;
}

/** A token bucket: it starts full and fills at a steady rate. */
export class TokenBucket {
  readonly #rate: TokenRate;
  readonly #now: () => number;
  #tokens: number;
  #filledAt: number;

  /** @param now Milliseconds of a monotonic clock. */
  constructor(rate: TokenRate, now: () => number = () => performance.now()) {
    this.#rate = rate;
    this.#now = now;
    this.#tokens = rate.burst;
    this.#filledAt = now();
  }

  /** Tokens in a full bucket. */
  get burst(): number {
    return this.#rate.burst;
  }

  /** Takes one token. Returns `false`, and takes nothing, when there is none. */
  tryTake(): boolean {
    this.#refill();
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }

  /** Seconds until there is a token, as of the last `tryTake()`. */
  get secondsToNext(): number {
    return Math.max(0, 1 - this.#tokens) / this.#rate.perSecond;
  }

  /**
   * Takes `count` tokens, even if there are fewer. The bucket then goes below
   * empty, and all who share it wait.
   *
   * @returns How long to wait until the debt is paid, in milliseconds.
   */
  spend(count: number): number {
    this.#refill();
    this.#tokens -= count;
    return Math.max(0, -this.#tokens * 1_000 / this.#rate.perSecond);
  }

  #refill(): void {
    const now = this.#now();
    const { burst, perSecond } = this.#rate;
    const gained = (now - this.#filledAt) * perSecond / 1_000;
    this.#tokens = Math.min(burst, this.#tokens + gained);
    this.#filledAt = now;
  }
}
