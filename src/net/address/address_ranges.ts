import ipaddr from "ipaddr.js";

type Range = readonly [ipaddr.IPv4 | ipaddr.IPv6, number];

/** A set of ranges. IPv4 inside IPv6 counts as IPv4. */
export class AddressRanges {
  readonly #ranges: readonly Range[];

  /**
   * Reads ranges such as `10.0.0.0/8` and `2001:db8::/32`; an address alone is a range of one.
   *
   * @throws {SyntaxError} When one of them is not a range.
   */
  constructor(ranges: readonly string[]) {
    this.#ranges = ranges.map(rangeOf);
  }

  /** Whether an IP address is in one of the ranges; `false` for anything else. */
  has(ip: string): boolean {
    if (!ipaddr.isValid(ip)) return false;
    const address = ipaddr.process(ip);
    return this.#ranges.some(([base, bits]) =>
      base.kind() === address.kind() && address.match(base, bits)
    );
  }
}

/** Whether a text is a range, or an address. */
export function isAddressRange(text: string): boolean {
  try {
    rangeOf(text);
    return true;
  } catch {
    // Why not is plain to see in so short a text.
    return false;
  }
}

function rangeOf(text: string): Range {
  const isPlain = ipaddr.IPv4.isValidFourPartDecimal(text) ||
    ipaddr.IPv6.isValid(text);
  if (isPlain) {
    const address = ipaddr.process(text);
    return [address, 8 * address.toByteArray().length];
  }
  const [address = "", bits] = text.split("/");
  const isRange = bits !== undefined && ipaddr.isValidCIDR(text) &&
    (ipaddr.IPv4.isValidFourPartDecimal(address) ||
      ipaddr.IPv6.isValid(address));
  if (!isRange) {
    throw new SyntaxError(`Cannot read "${text}": not a range of addresses`);
  }
  return ipaddr.parseCIDR(text);
}
