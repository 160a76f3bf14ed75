/**
 * A proxy that is asked to connect to its own port would ask itself, again and
 * again: by a name that leads there, or as its own upstream proxy.
 */
import {
  type Address,
  canonicalIp,
  formatAddress,
} from "../net/address/address.ts";
import type { Dial } from "../net/dial/dial.ts";
import { ProxyError } from "./errors/errors.ts";

/**
 * A `Dial` that ends connections to the proxy's own port. It sees the address
 * that was reached, not the name that was asked for.
 *
 * @param ownAddress Where the proxy listens itself, as soon as it does.
 * @throws {ProxyError} From the dial: `viaLoop`.
 */
export function refuseOwnPort(
  dial: Dial,
  ownAddress: () => Address | undefined,
): Dial {
  return async function dialOthers(target, signal) {
    const conn = await dial(target, signal);
    const own = ownAddress();
    const { hostname, port } = conn.remoteAddr;
    if (own === undefined || port !== own.port) return conn;
    if (canonicalIp(hostname) !== canonicalIp(own.hostname)) return conn;
    conn.close();
    throw new ProxyError("viaLoop", formatAddress(target));
  };
}
