/**
 * Where something listens: a host and a port, as text and back, and what kind
 * of place an IP address is.
 *
 * @module
 */
import ipaddr from "ipaddr.js";

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
 * @throws {SyntaxError} With the reason, when the text is none of these.
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
 * Where to dial for an address that is listened at: everywhere is no place to
 * connect to, this host is.
 */
export function reachableAddress({ hostname, port }: Address): Address {
  if (hostname === "0.0.0.0") return { hostname: "127.0.0.1", port };
  return { hostname: hostname === "::" ? "::1" : hostname, port };
}

/** Kinds of addresses that the proxy treats apart. */
export type AddressKind = "loopback" | "linkLocal" | "other";

/**
 * What kind of place an IP address is. Addresses that mean "this host"
 * (`0.0.0.0`, `::`) are loopback; IPv4 inside IPv6 counts as IPv4.
 *
 * @param ip An IP address without brackets; a name is "other".
 */
export function kindOf(ip: string): AddressKind {
  const range = innermost(ip)?.range();
  if (range === "loopback" || range === "unspecified") return "loopback";
  return range === "linkLocal" ? "linkLocal" : "other";
}

/**
 * Whether an IP address is one of the public internet (IANA's special-purpose
 * registries, RFC 6890, list what is not).
 *
 * @param ip An IP address without brackets; a name is not public.
 */
export function isPublicIp(ip: string): boolean {
  return innermost(ip)?.range() === "unicast";
}

/** The bytes of an IP address, 4 or 16 of them; `undefined` for anything else. */
export function ipBytes(text: string): readonly number[] | undefined {
  return isIpAddress(text) ? ipaddr.parse(text).toByteArray() : undefined;
}

/**
 * The one spelling of an IP address that a table can be searched for: IPv6 as
 * RFC 5952 writes it and without a zone, IPv4 inside IPv6 as IPv4.
 *
 * @param ip An IP address without brackets; a name is given back as it is.
 */
export function canonicalIp(ip: string): string {
  return innermost(ip)?.toString() ?? ip;
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
 * The IPv4 address that a host spells in another way, as browsers and resolvers
 * read it: `127.1`, `2130706433`, `0x7f.1`, `127.0.0.1.` (the URL standard's
 * IPv4 parser). Other hosts are given back as they are.
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

/** Takes IPv4 out of the IPv6 that carries it: mapped (RFC 4291 §2.5.5) or by NAT64 (RFC 6052). */
function innermost(ip: string): ipaddr.IPv4 | ipaddr.IPv6 | undefined {
  const bare = ip.replace(/%.*$/, "");
  if (!isIpAddress(bare)) return undefined;
  const address = ipaddr.process(bare);
  if (address.range() !== "rfc6052") return address;
  return ipaddr.fromByteArray(address.toByteArray().slice(-4));
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
