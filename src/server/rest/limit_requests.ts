/**
 * Middleware of the REST API: whoever asks too often must wait.
 *
 * @module
 */
import type { MiddlewareHandler } from "hono";
import { createMiddleware } from "hono/factory";
import { Problem } from "../../api/serving/problem.ts";
import type { ApiEnv } from "../../api/serving/serve.ts";
import type { UserEnv } from "./authentication.ts";
import { networkOf } from "../../net/address/network_of.ts";
import type { Limit } from "./request_limits.ts";

/** By address, before anything else is looked at. */
export function limitAddresses(limit: Limit): MiddlewareHandler<ApiEnv> {
  return createMiddleware<ApiEnv>(async function limitAddresses({ env }, next) {
    const address = env?.remoteAddress ?? "";
    take(limit, networkOf(address), "from your address");
    await next();
  });
}

/** By user, once it is known who asks. */
export function limitUsers(limit: Limit): MiddlewareHandler<UserEnv> {
  return createMiddleware<UserEnv>(async function limitUsers(context, next) {
    take(limit, context.get("user"), "of yours");
    await next();
  });
}

function take(limit: Limit, who: string, whose: string): void {
  const wait = Math.ceil(limit.take(who));
  if (wait === 0) return;
  throw new Problem(
    429,
    `Cannot take more requests ${whose} at the moment: wait ${wait} s`,
    { "Retry-After": String(wait) },
  );
}
