import ipaddr from "ipaddr.js";

/**
 * The network that counts as one peer: the IPv4 address itself, or the /64 of
 * an IPv6 address, because one user may have all addresses in it.
 *
 * @param address An IP address; anything else is returned unchanged.
 */
export function networkOf(address: string): string {
  if (!ipaddr.isValid(address)) return address;
  const read = ipaddr.process(address);
  return read instanceof ipaddr.IPv6
    ? read.toNormalizedString().split(":", 4).join(":")
    : read.toString();
}
