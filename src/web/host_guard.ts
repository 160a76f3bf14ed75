/**
 * Keeps pages of other sites from reading this one by a name of theirs that
 * leads to this machine (DNS rebinding).
 *
 * @module
 */
import type { MiddlewareHandler } from "hono";
import { createMiddleware } from "hono/factory";
import { Problem } from "../api/serving/problem.ts";
import type { ApiEnv } from "../api/serving/serve.ts";
import {
  canonicalName,
  isIpAddress,
  isLocalhostName,
} from "../net/address/address.ts";

/**
 * Answers requests only that name this machine by an address, as `localhost`,
 * or by one of `names`: a name of somebody else's is none of these.
 */
export function hostGuard(
  names: readonly string[],
): MiddlewareHandler<ApiEnv> {
  const known = new Set(names.map(canonicalName));
  return createMiddleware<ApiEnv>(async function hostGuard({ req }, next) {
    const host = req.header("host") ?? new URL(req.url).host;
    const hostname = URL.parse(`http://${host}/`)?.hostname ?? "";
    const bare = hostname.replace(/^\[(.*)\]$/, "$1");
    const isOurs = isIpAddress(bare) || isLocalhostName(bare) ||
      known.has(canonicalName(bare));
    if (!isOurs) {
      throw new Problem(
        403,
        `Cannot answer under the name "${hostname}": open the page by its ` +
          "address, such as 127.0.0.1, or set --api-basic-auth",
      );
    }
    await next();
  });
}
