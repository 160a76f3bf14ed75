/**
 * IPv4 addresses inside IPv6 addresses. An IPv4 address that is off limits is
 * off limits in each of these forms:
 *
 * | form | where the IPv4 address stands |
 * |---|---|
 * | `::ffff:0:0/96` | mapped: the end (RFC 4291 §2.5.5.2) |
 * | `::/96` | compatible: the end (RFC 4291 §2.5.5.1) |
 * | `::ffff:0:0:0/96` | translated: the end (RFC 2765 §2.1) |
 * | `64:ff9b::/96` | NAT64: the end (RFC 6052 §2.1) |
 * | `64:ff9b:1::/48` | NAT64 of one network: by the length of its prefix (RFC 8215, RFC 6052 §2.2) |
 * | `2002::/16` | 6to4: behind the prefix (RFC 3056 §2) |
 * | `2001::/32` | Teredo: server, and client with its bits turned (RFC 4380 §4) |
 * | `…:0:5efe:0:0` | ISATAP: the end (RFC 5214 §6.1) |
 */
import ipaddr from "ipaddr.js";

/** A parsed IP address. */
export type Ip = ipaddr.IPv4 | ipaddr.IPv6;

const COMPATIBLE = ipaddr.IPv6.parse("::");
const TRANSLATED = ipaddr.IPv6.parse("::ffff:0:0:0");
const NAT64 = ipaddr.IPv6.parse("64:ff9b::");
const LOCAL_NAT64 = ipaddr.IPv6.parse("64:ff9b:1::");
const SIX_TO_FOUR = ipaddr.IPv6.parse("2002::");
const TEREDO = ipaddr.IPv6.parse("2001::");
/** What IANA gives out (RFC 4291 §2.4). */
const GLOBAL_UNICAST = ipaddr.IPv6.parse("2000::");

/** Where the four bytes stand behind a prefix of 48, 56, 64 and 96 bits; byte 8 is always 0 (RFC 6052 §2.2). */
const LOCAL_NAT64_BYTES: readonly (readonly number[])[] = [
  [6, 7, 9, 10],
  [7, 9, 10, 11],
  [9, 10, 11, 12],
  [12, 13, 14, 15],
];

/** Reads an address without brackets; a zone is left out. `undefined` for anything else. */
export function parsedIp(text: string): Ip | undefined {
  const bare = text.replace(/%.*$/, "");
  if (ipaddr.IPv4.isValidFourPartDecimal(bare)) return ipaddr.IPv4.parse(bare);
  return ipaddr.IPv6.isValid(bare) ? ipaddr.IPv6.parse(bare) : undefined;
}

/** The IPv4 addresses that an IPv6 address embeds; empty for an IPv4 address. */
export function carriedBy(address: Ip): readonly ipaddr.IPv4[] {
  if (!isIpv6(address)) return [];
  const bytes = address.toByteArray();
  const at = (...places: readonly number[]) =>
    new ipaddr.IPv4(places.map((place) => bytes[place] ?? 0));
  if (isIpv4InIpv6(address)) return [lastFour(address)];
  if (address.match(LOCAL_NAT64, 48)) {
    const all = LOCAL_NAT64_BYTES.map((places) => at(...places));
    // What begins with 0 was read where the prefix is longer, or shorter.
    const likely = all.filter(({ octets: [first] }) => first !== 0);
    return likely.length === 0 ? all : likely;
  }
  if (address.match(SIX_TO_FOUR, 16)) return [at(2, 3, 4, 5)];
  if (address.match(TEREDO, 32)) {
    const client = bytes.slice(-4).map((byte) => byte ^ 0xff);
    return [at(4, 5, 6, 7), new ipaddr.IPv4(client)];
  }
  return isIsatap(bytes) ? [lastFour(address)] : [];
}

/** Whether an IPv6 address is another spelling of an IPv4 address. */
export function isIpv4InIpv6(address: Ip): boolean {
  if (!isIpv6(address)) return false;
  const range = address.range();
  // `::` and `::1` have a meaning of their own.
  if (range === "unspecified" || range === "loopback") return false;
  return range === "ipv4Mapped" || address.match(COMPATIBLE, 96) ||
    address.match(TRANSLATED, 96) || isWellKnownNat64(address);
}

/** Whether any gateway would translate an address to the IPv4 address at its end. */
export function isWellKnownNat64(address: Ip): boolean {
  return isIpv6(address) && address.match(NAT64, 96);
}

/** The IPv4 address at the end of an address. */
export function lastFour(address: Ip): ipaddr.IPv4 {
  return new ipaddr.IPv4(address.toByteArray().slice(-4));
}

/** Whether an address is in no range that is special. */
export function isUnicast(address: Ip): boolean {
  return address.range() === "unicast";
}

/** Whether an address is in what is given out: all of IPv4, an eighth of IPv6. */
export function isGlobal(address: Ip): boolean {
  return !isIpv6(address) || address.match(GLOBAL_UNICAST, 3);
}

function isIpv6(address: Ip): address is ipaddr.IPv6 {
  return address.kind() === "ipv6";
}

function isIsatap(bytes: readonly number[]): boolean {
  const [first, ...others] = bytes.slice(8, 12);
  const isMarked = first === 0 || first === 2;
  return isMarked && others.join() === "0,94,254";
}
