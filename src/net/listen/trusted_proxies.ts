import type { AddressRanges } from "../address/address_ranges.ts";

/**
 * Whether connections of trusted proxies begin with a PROXY header:
 *
 * - `off`: none is read.
 * - `accept`: it is read where it is there. Who can send the first bytes through
 *   such a proxy can choose an address.
 * - `require`: connections without it are closed.
 */
export type ProxyProtocolMode = "off" | "accept" | "require";

/**
 * The fields in which trusted proxies say who has sent a request. Those of the
 * other kind pass through most proxies as they came, so both are never believed.
 */
export type ForwardingFields = "x-forwarded" | "forwarded";

/** Proxies and balancers before the ports of a program. */
export interface TrustedProxies {
  /** Their addresses. What others say about a client is not believed. */
  readonly addresses: AddressRanges;
  /** Default `off`. */
  readonly proxyProtocol?: ProxyProtocolMode | undefined;
  /** Default `x-forwarded`. */
  readonly forwardingFields?: ForwardingFields | undefined;
  /** Whether they alone end TLS: the ports speak without. Default `false`. */
  readonly endTls?: boolean | undefined;
  /** How long a PROXY header may take, in milliseconds. Default 10 s, as for TLS. */
  readonly headerTimeout?: number | undefined;
}
