/**
 * Limits on the rate of REST requests by user and by address, so that a runaway
 * program does not starve others. Each user and address has a token bucket.
 */
import type { MiddlewareHandler } from "hono";
import { createMiddleware } from "hono/factory";
import { Problem } from "../../api/serving/problem.ts";
import type { ApiEnv } from "../../api/serving/serve.ts";
import { TokenBucket, type TokenRate } from "../../async/token_bucket.ts";
import { networkOf } from "../../net/address/network_of.ts";
import type { UserEnv } from "./authentication.ts";

/**
 * Requests a second of one user. A client sends up to ten at its start and then
 * one every five seconds; a program that waits for it sends one a second. So 200
 * of each may start at once as one user, and healthy programs stay far below.
 */
export const PER_USER = 250;
/**
 * Requests a second of one address. Several users may share it: on a CI machine,
 * or behind a reverse proxy. It is a tenth of what one processor core handles.
 */
export const PER_ADDRESS = 500;
/** The burst in seconds of the rate: many programs start at the same moment and do little after it. */
const BURST_SECONDS = 16;
/** Most buckets. The least recently used one is dropped first; by then it is full again. */
const MAX_BUCKETS = 10_000;

/** A limit on the rate of requests. */
export interface Limit {
  /** The sustained rate; 0 for no limit. */
  readonly perSecond: number;
  /** Counts a request. Returns 0, or the seconds to wait if it exceeds the limit. */
  take(key: string): number;
}

/** The limits of a server. */
export interface RequestLimits {
  readonly users: Limit;
  readonly addresses: Limit;
}

/** Sustained rates in requests a second; 0 for no limit. */
export interface RequestRates {
  readonly perUser?: number | undefined;
  readonly perAddress?: number | undefined;
}

/** Creates the limits. */
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

/** The bucket for a sustained rate. */
export function allowanceOf(perSecond: number): TokenRate {
  return { burst: BURST_SECONDS * perSecond, perSecond };
}

/** Options of {@linkcode RequestLimit}. */
export interface RequestLimitOptions {
  /** Milliseconds of a monotonic clock. */
  readonly now?: () => number;
  readonly maxBuckets?: number;
}

/** A token bucket for each user or address. */
export class RequestLimit implements Limit {
  readonly #allowance: TokenRate;
  readonly #now: () => number;
  readonly #maxBuckets: number;
  /** Least recently used first. */
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

  take(key: string): number {
    const bucket = this.#bucketOf(key);
    return bucket.tryTake() ? 0 : bucket.secondsToNext;
  }

  #bucketOf(key: string): TokenBucket {
    const bucket = this.#buckets.get(key) ??
      new TokenBucket(this.#allowance, this.#now);
    this.#buckets.delete(key);
    this.#buckets.set(key, bucket);
    this.#forgetOldest();
    return bucket;
  }

  #forgetOldest(): void {
    if (this.#buckets.size <= this.#maxBuckets) return;
    const [oldest] = this.#buckets.keys();
    if (oldest !== undefined) this.#buckets.delete(oldest);
  }
}

/** Middleware that limits requests by address; it comes first. */
export function limitAddresses(limit: Limit): MiddlewareHandler<ApiEnv> {
  return createMiddleware<ApiEnv>(async function limitAddresses({ env }, next) {
    const address = env?.remoteAddress ?? "";
    take(limit, networkOf(address), "from your address");
    await next();
  });
}

/** Middleware that limits requests by user; it comes after authentication. */
export function limitUsers(limit: Limit): MiddlewareHandler<UserEnv> {
  return createMiddleware<UserEnv>(async function limitUsers(context, next) {
    take(limit, context.get("user"), "from you");
    await next();
  });
}

function take(limit: Limit, key: string, source: string): void {
  const wait = Math.ceil(limit.take(key));
  if (wait === 0) return;
  throw new Problem(
    429,
    `Too many requests ${source}: wait ${wait} s`,
    { "Retry-After": String(wait) },
  );
}
