/**
 * Places that a test has no business to reach unless its owner says so: the
 * client's own machine, and the addresses by which cloud machines are told
 * their secrets.
 *
 * The rules look at the address that will be dialled, not at the name: a name
 * that resolves to 127.0.0.1 is the client's own machine, however it is spelt.
 *
 * @module
 */
import { canonicalIp, isLocalhostName, kindOf } from "../net/address.ts";
import type { Resolver } from "../net/resolver.ts";
import { ProxyError } from "./errors.ts";

/**
 * What to do with requests for the client's own machine: `deny` them, `allow`
 * them, or allow them past an upstream proxy (`direct`).
 */
export type LocalhostMode = "allow" | "deny" | "direct";

/** Metadata services outside 169.254/16, as `canonicalIp` spells them: AWS over IPv6, Alibaba, Oracle's classic. */
const METADATA: ReadonlySet<string> = new Set([
  "fd00:ec2::254",
  "100.100.100.200",
  "192.0.0.192",
]);

/**
 * A resolver that gives no address that is off limits.
 *
 * @throws {ProxyError} From the resolver: `localhostDenied`, `addressDenied`.
 */
export function guardLocal(resolve: Resolver, mode: LocalhostMode): Resolver {
  return async function resolveGuarded(hostname, signal) {
    if (mode === "deny" && isLocalhostName(hostname)) {
      throw new ProxyError("localhostDenied", hostname);
    }
    const addresses = await resolve(hostname, signal);
    for (const ip of addresses ?? []) checkAddress(ip, hostname, mode);
    return addresses;
  };
}

function checkAddress(
  ip: string,
  hostname: string,
  mode: LocalhostMode,
): void {
  const kind = kindOf(ip);
  if (kind === "loopback" && mode === "deny") {
    throw new ProxyError("localhostDenied", hostname);
  }
  if (kind === "linkLocal" || METADATA.has(canonicalIp(ip))) {
    throw new ProxyError("addressDenied", hostname);
  }
}
