/**
 * How many requests the REST API takes from one user and from one address, so
 * that a program that has run wild does not take the server from the others.
 *
 * Each has a bucket of tokens: a request takes one, and they come back at a
 * steady rate up to what the bucket holds.
 *
 * @module
 */
import { TokenBucket, type TokenRate } from "../../async/token_bucket.ts";

/**
 * Requests a second. A client makes up to ten to start and then one in five
 * seconds, a program that waits for it one a second: 200 of each may start at
 * once as one user, and nothing that runs in order comes near.
 */
export const PER_USER = 250;
/**
 * Several users may share an address: a CI machine, or a reverse proxy in front
 * of the server. It is a tenth of what one processor core answers.
 */
export const PER_ADDRESS = 500;
/** Seconds that make up for a burst: many programs start at the same moment, and then do little. */
const BURST_SECONDS = 16;
/** Buckets that are kept; of more the one that was used longest ago is forgotten, which is full again by then. */
const MAX_BUCKETS = 10_000;

/** Takes requests, and says how many seconds to wait where it does not. */
export interface Limit {
  /** How many it takes in the long run; 0 if it takes all. */
  readonly perSecond: number;
  /** Takes one of `who`; gives the seconds to wait where it does not. */
  take(who: string): number;
}

/** What is taken from whom. */
export interface RequestLimits {
  readonly users: Limit;
  readonly addresses: Limit;
}

/** How many requests a second are taken in the long run; 0 is no limit. */
export interface RequestRates {
  readonly perUser?: number | undefined;
  readonly perAddress?: number | undefined;
}

/** Limits of these rates, or the usual ones. */
export function requestLimits(
  { perUser = PER_USER, perAddress = PER_ADDRESS }: RequestRates = {},
): RequestLimits {
  return { users: limitOf(perUser), addresses: limitOf(perAddress) };
}

function limitOf(perSecond: number): Limit {
  return perSecond === 0
    ? { perSecond, take: () => 0 }
    : new RequestLimit(allowanceOf(perSecond));
}

/** What a bucket is like that is filled at this rate. */
export function allowanceOf(perSecond: number): TokenRate {
  return { burst: BURST_SECONDS * perSecond, perSecond };
}

/** What a limit may be told. */
export interface RequestLimitOptions {
  /** Milliseconds of a clock that never goes back. */
  readonly now?: () => number;
  readonly maxBuckets?: number;
}

/** Buckets of the same size, one for each who asks. */
export class RequestLimit implements Limit {
  readonly #allowance: TokenRate;
  readonly #now: () => number;
  readonly #maxBuckets: number;
  /** The one that was used longest ago first. */
  readonly #buckets = new Map<string, TokenBucket>();

  constructor(
    allowance: TokenRate,
    { now = () => performance.now(), maxBuckets = MAX_BUCKETS }:
      RequestLimitOptions = {},
  ) {
    this.#allowance = allowance;
    this.#now = now;
    this.#maxBuckets = maxBuckets;
  }

  get perSecond(): number {
    return this.#allowance.perSecond;
  }

  /**
   * Takes a token of `who`.
   *
   * @returns How many seconds to wait because there is none; 0 when there was.
   */
  take(who: string): number {
    const bucket = this.#bucketOf(who);
    return bucket.tryTake() ? 0 : bucket.secondsToNext;
  }

  #bucketOf(who: string): TokenBucket {
    const bucket = this.#buckets.get(who) ??
      new TokenBucket(this.#allowance, this.#now);
    this.#buckets.delete(who);
    this.#buckets.set(who, bucket);
    this.#forgetOldest();
    return bucket;
  }

  #forgetOldest(): void {
    if (this.#buckets.size <= this.#maxBuckets) return;
    const [oldest] = this.#buckets.keys();
    if (oldest !== undefined) this.#buckets.delete(oldest);
  }
}
