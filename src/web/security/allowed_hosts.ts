import type { MiddlewareHandler } from "hono";
import { createMiddleware } from "hono/factory";
import { Problem } from "../../api/serving/problem.ts";
import type { ApiEnv } from "../../api/serving/serve.ts";
import {
  canonicalName,
  isIpAddress,
  isLocalhostName,
} from "../../net/address/address.ts";

/**
 * Serves requests only when `Host` is an address, `localhost`, or one of
 * `names`. This stops DNS rebinding: another site cannot read these pages under
 * a name of its own that resolves to this machine.
 */
export function allowHosts(
  names: readonly string[],
): MiddlewareHandler<ApiEnv> {
  const allowed = new Set(names.map(canonicalName));
  return createMiddleware<ApiEnv>(async function allowHosts({ req }, next) {
    const host = req.header("host") ?? new URL(req.url).host;
    const hostname = URL.parse(`http://${host}/`)?.hostname ?? "";
    const bare = hostname.replace(/^\[(.*)\]$/, "$1");
    const isAllowed = isIpAddress(bare) || isLocalhostName(bare) ||
      allowed.has(canonicalName(bare));
    if (!isAllowed) {
      throw new Problem(
        403,
        `Cannot answer under the name "${hostname}": open the page by its ` +
          "address, such as 127.0.0.1, or set --api-basic-auth",
      );
    }
    await next();
  });
}
