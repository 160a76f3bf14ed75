/**
 * Keeps all connections to sites together to the rates that the user allows.
 *
 * @module
 */
import {
  limitRate,
  type RateLimits,
  TokenBucket,
} from "../net/stream/rate_limit.ts";
import type { FindWays, Way } from "./routes.ts";

/** Rates of all connections together, in bytes per second; 0 (default) is no limit. */
export interface RateSettings {
  /** Of what comes from sites. */
  readonly read?: number;
  /** Of what is sent to sites. */
  readonly write?: number;
}

/** The ways of `find`, whose connections keep to `rates`. */
export function limitWays(
  find: FindWays,
  { read = 0, write = 0 }: RateSettings,
): FindWays {
  if (read === 0 && write === 0) return find;
  const limits = { read: bucketOf(read), write: bucketOf(write) };
  return async function findLimited(target, signal) {
    const ways = await find(target, signal);
    return ways.map((way) => limited(way, limits));
  };
}

function bucketOf(rate: number): TokenBucket | undefined {
  return rate === 0 ? undefined : new TokenBucket(rate);
}

function limited({ key, connect, viaProxy }: Way, limits: RateLimits): Way {
  return {
    key,
    connect: async (signal) => limitRate(await connect(signal), limits),
    viaProxy: viaProxy && {
      authorization: viaProxy.authorization,
      connect: async (signal) =>
        limitRate(await viaProxy.connect(signal), limits),
    },
  };
}
