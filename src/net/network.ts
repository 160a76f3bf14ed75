import ipaddr from "ipaddr.js";

/**
 * The network that one party may be thought to own: an IPv4 address, or the
 * /64 of an IPv6 address, as one host is free to use any address of it.
 *
 * @param address An IP address; other text is returned as it is.
 */
export function networkOf(address: string): string {
  if (!ipaddr.isValid(address)) return address;
  const read = ipaddr.process(address);
  return read instanceof ipaddr.IPv6
    ? read.toNormalizedString().split(":", 4).join(":")
    : read.toString();
}
