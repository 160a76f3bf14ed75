/** Keeps all connections to sites together below the rates that the user allows. */
import {
  byteBucket,
  limitRate,
  type RateLimits,
} from "../net/stream/rate_limit.ts";
import type { ResolveRoutes, Route } from "./routes.ts";

/** Rates of all connections together, in bytes per second; 0 (default) for no limit. */
export interface RateSettings {
  /** Of the bytes from sites. */
  readonly read?: number;
  /** Of the bytes to sites. */
  readonly write?: number;
}

/** The routes of `resolve`, with connections that keep the rates. */
export function throttle(
  resolve: ResolveRoutes,
  { read = 0, write = 0 }: RateSettings,
): ResolveRoutes {
  if (read === 0 && write === 0) return resolve;
  const limits = { read: bucketOf(read), write: bucketOf(write) };
  return async function resolveThrottled(target, exchange, kind) {
    const routes = await resolve(target, exchange, kind);
    return routes.map((route) => limited(route, limits));
  };
}

function bucketOf(rate: number): RateLimits["read"] {
  return rate === 0 ? undefined : byteBucket(rate);
}

function limited({ key, connect, viaProxy }: Route, limits: RateLimits): Route {
  return {
    key,
    connect: async (...options) => limitRate(await connect(...options), limits),
    viaProxy: viaProxy && {
      ...viaProxy,
      connect: async (signal, exchangeId) =>
        limitRate(await viaProxy.connect(signal, exchangeId), limits),
    },
  };
}
