/**
 * Requests that go past the tunnel: the server reaches the site itself.
 *
 * It does so for every user, so it must be no door into its own network: unless
 * told otherwise only public addresses are reached, and link-local and metadata
 * addresses never.
 *
 * @module
 */
import type { ProxyMetrics } from "../metrics/proxy_metrics.ts";
import { isPublicIp } from "../net/address.ts";
import { createNameResolver, type NameResolver } from "../net/name_resolver.ts";
import { ProxyError } from "../proxy/errors.ts";
import { createProxy, type Proxy } from "../proxy/proxy.ts";

/** What the server reaches itself: nothing, public addresses, or all that it can. */
export type DirectMode = "none" | "public" | "all";

/** What the proxy works with. */
export interface DirectProxyOptions {
  readonly mode: DirectMode;
  readonly metrics: ProxyMetrics;
  /** From names to addresses; as the system says unless given. */
  readonly resolve?: NameResolver;
}

/** Makes the proxy for requests that go past the tunnel. */
export function createDirectProxy(
  { mode, metrics, resolve = createNameResolver({}) }: DirectProxyOptions,
): Proxy {
  return createProxy({
    resolve: guarded(resolve, mode),
    localhost: mode === "all" ? "allow" : "deny",
    metrics,
  });
}

function guarded(resolve: NameResolver, mode: DirectMode): NameResolver {
  if (mode === "all") return resolve;
  return async function resolvePublic(hostname, signal) {
    if (mode === "none") throw new ProxyError("directDenied", hostname);
    const found = await resolve(hostname, signal);
    if (found?.addresses.every(isPublicIp) ?? true) return found;
    throw new ProxyError("directDenied", hostname);
  };
}
