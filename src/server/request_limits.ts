/**
 * How many requests the REST API takes from one user and from one address, so
 * that a program that has run wild does not take the server from the others.
 *
 * Each has a bucket of tokens: a request takes one, and they come back at a
 * steady rate up to what the bucket holds.
 *
 * @module
 */
import ipaddr from "ipaddr.js";

/** What a bucket holds, and how fast it fills. */
export interface Allowance {
  /** Requests at once. */
  readonly burst: number;
  /** Requests a second after that. */
  readonly perSecond: number;
}

/**
 * A client makes up to ten requests to start and then one in five seconds, a
 * program that waits for it one a second: 200 of each may start at once as one
 * user, and nothing that runs in order comes near.
 */
export const PER_USER: Allowance = { burst: 4000, perSecond: 250 };
/**
 * Several users may share an address: a CI machine, or a reverse proxy in front
 * of the server. It is a tenth of what one processor core answers.
 */
export const PER_ADDRESS: Allowance = { burst: 8000, perSecond: 500 };
/** Buckets that are kept; of more the one that was used longest ago is forgotten, which is full again by then. */
const MAX_BUCKETS = 10_000;

/** What is taken from whom. */
export interface RequestLimits {
  readonly users: RequestLimit;
  readonly addresses: RequestLimit;
}

/** The usual limits. */
export function requestLimits(): RequestLimits {
  return {
    users: new RequestLimit(PER_USER),
    addresses: new RequestLimit(PER_ADDRESS),
  };
}

interface Bucket {
  tokens: number;
  /** When the tokens were counted. */
  at: number;
}

/** What a limit may be told. */
export interface RequestLimitOptions {
  /** Milliseconds of a clock that never goes back. */
  readonly now?: () => number;
  readonly maxBuckets?: number;
}

/** Buckets of the same size, one for each who asks. */
export class RequestLimit {
  readonly #allowance: Allowance;
  readonly #now: () => number;
  readonly #maxBuckets: number;
  /** The one that was used longest ago first. */
  readonly #buckets = new Map<string, Bucket>();

  constructor(
    allowance: Allowance,
    { now = () => performance.now(), maxBuckets = MAX_BUCKETS }:
      RequestLimitOptions = {},
  ) {
    this.#allowance = allowance;
    this.#now = now;
    this.#maxBuckets = maxBuckets;
  }

  /**
   * Takes a token of `who`.
   *
   * @returns How many seconds to wait because there is none; 0 when there was.
   */
  take(who: string): number {
    const bucket = this.#fill(who);
    if (bucket.tokens >= 1) {
      bucket.tokens -= 1;
      return 0;
    }
    return (1 - bucket.tokens) / this.#allowance.perSecond;
  }

  #fill(who: string): Bucket {
    const { burst, perSecond } = this.#allowance;
    const at = this.#now();
    const before = this.#buckets.get(who) ?? { tokens: burst, at };
    const gained = (at - before.at) / 1000 * perSecond;
    const bucket = { tokens: Math.min(burst, before.tokens + gained), at };
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

/** Whose address it is: an IPv6 user has a whole /64 to ask from. */
export function networkOf(address: string): string {
  if (!ipaddr.isValid(address)) return address;
  const read = ipaddr.process(address);
  return read instanceof ipaddr.IPv6
    ? read.toNormalizedString().split(":", 4).join(":")
    : read.toString();
}
