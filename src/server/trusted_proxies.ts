// The proxies and balancers that a server stands behind.
import { logger } from "../log/log.ts";
import { AddressRanges } from "../net/address/address_ranges.ts";
import type { TrustedProxies } from "../net/listen/trusted_proxies.ts";
import type { ServerOptions } from "./options.ts";

const log = logger("server");

/**
 * What the ports believe, and whom; `undefined` without such proxies.
 *
 * @throws {TypeError} When TLS is left to proxies, and there are none.
 */
export function trustedProxiesOf(
  { trustedProxies = [], proxyProtocol, forwardedFields, plainHttp }: Pick<
    ServerOptions,
    "trustedProxies" | "proxyProtocol" | "forwardedFields" | "plainHttp"
  >,
): TrustedProxies | undefined {
  if (trustedProxies.length === 0) {
    if (plainHttp !== true) return undefined;
    throw new TypeError("Cannot serve plain HTTP without trusted proxies");
  }
  return {
    addresses: new AddressRanges(trustedProxies),
    proxyProtocol,
    forwardingFields: forwardedFields,
    endTls: plainHttp,
  };
}

/** The options with what follows from plain HTTP: no HTTPS proxy. Credentials of browsers would cross the network in clear. */
export function withPlainHttp(options: ServerOptions): ServerOptions {
  return options.plainHttp === true
    ? { ...options, httpsProxy: false }
    : options;
}

/** Says that credentials are safe only because a proxy ends TLS. */
export function logPlainHttp(
  { plainHttp = false, trustedProxies = [] }: Pick<
    ServerOptions,
    "plainHttp" | "trustedProxies"
  >,
): void {
  if (!plainHttp) return;
  log.warn("plain HTTP, because a trusted proxy ends TLS", {
    trusted: trustedProxies.join(","),
  });
}
