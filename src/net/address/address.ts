/**
 * Where something listens: a host and a port, as text and back, and what kind
 * of place an IP address is.
 */
import ipaddr from "ipaddr.js";
import {
  carriedBy,
  isGlobal,
  isIpv4InIpv6,
  isUnicast,
  isWellKnownNat64,
  lastFour,
  parsedIp,
} from "./carried_ipv4.ts";

/** A host name or IP address (IPv6 without brackets) and a port. */
export interface Address {
  /** A name, an IPv4 address, or an IPv6 address without brackets. */
  readonly hostname: string;
  /** 0 to 65535. */
  readonly port: number;
}

/**
 * Reads `host:port`, `[::1]:port` and, with a default port, `host`.
 *
 * @throws {SyntaxError} With the reason, when the text is something else.
 */
export function parseAddress(text: string, defaultPort?: number): Address {
  const { hostname, port } = split(text);
  if (port === "") {
    if (defaultPort === undefined) {
      throw new SyntaxError(`Cannot read "${text}": it has no port`);
    }
    return { hostname, port: defaultPort };
  }
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) {
    throw new SyntaxError(
      `Cannot read "${text}": the port is not a number from 0 to 65535`,
    );
  }
  return { hostname, port: Number(port) };
}

/** Writes an address as `host:port`, IPv6 in brackets. */
export function formatAddress({ hostname, port }: Address): string {
  return `${hostname.includes(":") ? `[${hostname}]` : hostname}:${port}`;
}

/**
 * The address to dial for a listening address. The unspecified address becomes
 * the loopback address of its family.
 */
export function reachableAddress({ hostname, port }: Address): Address {
  if (hostname === "0.0.0.0") return { hostname: "127.0.0.1", port };
  return { hostname: hostname === "::" ? "::1" : hostname, port };
}

/** Whether only this machine can reach a listener at this address. `addressKindOf` is about dialling, where 0.0.0.0 also means this machine. */
export function isLoopbackOnly({ hostname }: Address): boolean {
  if (hostname === "0.0.0.0" || hostname === "::") return false;
  return isLocalhostName(hostname) || addressKindOf(hostname) === "loopback";
}

/** Kinds of addresses that the proxy treats apart. */
export type AddressKind = "loopback" | "linkLocal" | "other";

/**
 * What kind of place an IP address is. Addresses that mean "this host"
 * (`0.0.0.0/8`, `::`) are loopback. One that carries an IPv4 address is what
 * that one is.
 *
 * @param ip An IP address without brackets; a name is "other".
 */
export function addressKindOf(ip: string): AddressKind {
  const address = parsedIp(ip);
  if (address === undefined) return "other";
  const ranges = [address, ...carriedBy(address)].map((each) => each.range());
  if (ranges.some((each) => each === "loopback" || each === "unspecified")) {
    return "loopback";
  }
  return ranges.includes("linkLocal") ? "linkLocal" : "other";
}

/**
 * Whether an IP address is one of the public internet: global unicast, and not
 * of a range that IANA's special-purpose registries list (RFC 6890). IPv4 that
 * is mapped or translated (NAT64) is what it is by itself; addresses that lead
 * through a tunnel to IPv4 (6to4, Teredo, compatible) are not public.
 *
 * @param ip An IP address without brackets; a name is not public.
 */
export function isPublicIp(ip: string): boolean {
  const address = parsedIp(ip);
  if (address === undefined) return false;
  if (address.range() === "unicast") {
    return isGlobal(address) && carriedBy(address).every(isUnicast);
  }
  const isIpv4 = address.range() === "ipv4Mapped" || isWellKnownNat64(address);
  return isIpv4 && carriedBy(address).every(isUnicast);
}

/**
 * An IP address, and the IPv4 addresses that it carries, as `canonicalIp` spells
 * them: a lookup in a table then finds an address in any wrapping.
 *
 * @param ip An IP address without brackets; a name is given back alone.
 */
export function innerIps(ip: string): readonly string[] {
  const address = parsedIp(ip);
  const carried = address === undefined ? [] : carriedBy(address);
  return [canonicalIp(ip), ...carried.map(String)];
}

/** The bytes of an IP address, 4 or 16 of them; `undefined` for anything else. */
export function ipBytes(text: string): readonly number[] | undefined {
  return isIpAddress(text) ? ipaddr.parse(text).toByteArray() : undefined;
}

/**
 * The one spelling of an IP address that a table can be searched for: IPv6 as
 * RFC 5952 writes it and without a zone, IPv4 inside IPv6 (mapped, compatible,
 * translated) as IPv4.
 *
 * @param ip An IP address without brackets; a name is returned unchanged.
 */
export function canonicalIp(ip: string): string {
  const address = parsedIp(ip);
  if (address === undefined) return ip;
  return (isIpv4InIpv6(address) ? lastFour(address) : address).toString();
}

/** Whether `text` is a plain IP address: four decimal numbers, or IPv6 without brackets. */
export function isIpAddress(text: string): boolean {
  return ipaddr.IPv4.isValidFourPartDecimal(text) || ipaddr.IPv6.isValid(text);
}

/**
 * The one spelling of a host name that a table can be searched for: lower case,
 * no dot at the end.
 */
export function canonicalName(hostname: string): string {
  return hostname.toLowerCase().replace(/\.$/, "");
}

/**
 * The IPv4 address that another spelling stands for: `127.1`, `2130706433`,
 * `0x7f.1`, `127.0.0.1.` (the URL standard's IPv4 parser). Browsers and
 * resolvers read these spellings. Other hosts are returned unchanged.
 */
export function spelledOutIp(hostname: string): string {
  if (/[/?#@:\\]/.test(hostname)) return hostname;
  const url = URL.parse(`http://${hostname}/`);
  return url !== null && ipaddr.IPv4.isValidFourPartDecimal(url.hostname)
    ? url.hostname
    : hostname;
}

/**
 * The one spelling of a host that rules are written for: an IP address as
 * browsers write it, IPv4 inside IPv6 as IPv4; a name in lower case, without a
 * dot at the end.
 */
export function canonicalHost(hostname: string): string {
  return canonicalIp(spelledOutIp(canonicalName(hostname)));
}

/** Whether `hostname` is `localhost` or below it (RFC 6761 §6.3). */
export function isLocalhostName(hostname: string): boolean {
  const lower = canonicalName(hostname);
  return lower === "localhost" || lower.endsWith(".localhost");
}

function split(text: string): { hostname: string; port: string } {
  const bracketed = /^\[([^\]]*)\](?::(.*))?$/.exec(text);
  const plain = bracketed ?? /^([^:]*)(?::([^:]*))?$/.exec(text);
  if (plain === null) {
    throw new SyntaxError(
      `Cannot read "${text}": write IPv6 in brackets, [::1]`,
    );
  }
  const [, hostname = "", port = ""] = plain;
  if (bracketed !== null && !ipaddr.IPv6.isValid(hostname)) {
    throw new SyntaxError(
      `Cannot read "${text}": only IPv6 stands in brackets`,
    );
  }
  return { hostname, port };
}
