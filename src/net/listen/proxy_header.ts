/**
 * The PROXY protocol, versions 1 and 2: the header with which a balancer says
 * whose connection it passes on. Only what follows from the first bytes is
 * here; `take_proxy_header.ts` reads them from a connection.
 */
import ipaddr from "ipaddr.js";
import type { Address } from "../address/address.ts";

/** Bytes of the longest header of version 1, with its line end. */
export const MAX_V1 = 107;
/**
 * Bytes of the longest header of version 2 that is read. Addresses take 52; what
 * balancers add (TLS, a certificate, names of cloud networks) fits in the rest.
 */
export const MAX_V2: number = 4 * 1024;

const V1 = new TextEncoder().encode("PROXY ");
const V2 = new Uint8Array([
  ...[0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d],
  ...[0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a],
]);
/** Signature, command, family, and two bytes of length. */
const V2_HEAD = 16;
const LOCAL = 0x20;
const PROXY = 0x21;
/** Bytes of two IPv4 addresses and their ports. */
const TCP4_SIZE = 12;
/** The same of IPv6. */
const TCP6_SIZE = 36;
/** UNSPEC and Unix sockets: they name no address that we could use. */
const NAMELESS: ReadonlySet<number> = new Set([0x00, 0x31]);

/** A complete header. */
export interface ProxyHeader {
  /**
   * Whose connection it is. `undefined` when the header says that it is the
   * balancer's own (LOCAL), or that it does not know.
   */
  readonly source: Address | undefined;
  /** Bytes of the header: what follows belongs to the connection. */
  readonly size: number;
}

/** The bytes begin like a PROXY header, and break its rules. */
export class ProxyHeaderError extends Error {
  /** Always `ProxyHeaderError`. */
  override readonly name = "ProxyHeaderError";
}

/**
 * Parses the header that `bytes` begin with.
 *
 * @returns `incomplete` when more bytes are needed, `none` when no header
 * begins so.
 * @throws {ProxyHeaderError} When one begins so, and is wrong.
 */
export function parseProxyHeader(
  bytes: Uint8Array,
): ProxyHeader | "incomplete" | "none" {
  if (agrees(bytes, V2)) {
    return bytes.length < V2_HEAD ? "incomplete" : parseV2(bytes);
  }
  if (!agrees(bytes, V1)) return "none";
  return bytes.length < V1.length ? "incomplete" : parseV1(bytes);
}

/** Whether both have the same bytes, as far as the shorter one goes. */
function agrees(bytes: Uint8Array, signature: Uint8Array): boolean {
  const length = Math.min(bytes.length, signature.length);
  for (let at = 0; at < length; at++) {
    if (bytes[at] !== signature[at]) return false;
  }
  return true;
}

function parseV1(bytes: Uint8Array): ProxyHeader | "incomplete" {
  const end = bytes.subarray(0, MAX_V1).indexOf(0x0a);
  if (end === -1) {
    if (bytes.length >= MAX_V1) throw wrong("its line has no end");
    return "incomplete";
  }
  if (bytes[end - 1] !== 0x0d) throw wrong("its line ends without CR");
  const line = String.fromCharCode(...bytes.subarray(V1.length, end - 1));
  const [family, ...parts] = line.split(" ");
  const size = end + 1;
  // What follows the word may be anything.
  if (family === "UNKNOWN") return { source: undefined, size };
  if (family !== "TCP4" && family !== "TCP6") {
    throw wrong("it is neither TCP4, TCP6 nor UNKNOWN");
  }
  const [source = "", target = "", port = "", targetPort = ""] = parts;
  if (parts.length !== 4) throw wrong("it has not two addresses and two ports");
  const isAddress = family === "TCP4" ? isIpv4 : isIpv6;
  if (!isAddress(source) || !isAddress(target)) {
    throw wrong(`an address is not one of ${family}`);
  }
  if (!isPort(port) || !isPort(targetPort)) throw wrong("a port is not one");
  return { source: addressOf(source, Number(port)), size };
}

function parseV2(bytes: Uint8Array): ProxyHeader | "incomplete" {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const command = view.getUint8(12);
  const family = view.getUint8(13);
  const length = view.getUint16(14);
  const size = V2_HEAD + length;
  if (command !== LOCAL && command !== PROXY) {
    throw wrong("its version or command is unknown");
  }
  if (size > MAX_V2) throw wrong(`it has more than ${MAX_V2} bytes`);
  if (command === PROXY) checkFamily(family, length);
  if (bytes.length < size) return "incomplete";
  // The balancer's own connection has no other addresses; the rest is skipped.
  if (command === LOCAL || NAMELESS.has(family)) {
    return { source: undefined, size };
  }
  const ipSize = family === 0x11 ? 4 : 16;
  const ip = ipaddr.fromByteArray(
    [...bytes.subarray(V2_HEAD, V2_HEAD + ipSize)],
  );
  const port = view.getUint16(V2_HEAD + 2 * ipSize);
  return { source: addressOf(ip.toString(), port), size };
}

function checkFamily(family: number, length: number): void {
  if (NAMELESS.has(family)) return;
  if (family !== 0x11 && family !== 0x21) {
    throw wrong("its connection is not TCP over IPv4 or IPv6");
  }
  const least = family === 0x11 ? TCP4_SIZE : TCP6_SIZE;
  if (length < least) throw wrong("its addresses are cut short");
}

function isIpv4(text: string): boolean {
  return ipaddr.IPv4.isValidFourPartDecimal(text);
}

/** Without the zone, which means nothing on another machine. */
function isIpv6(text: string): boolean {
  return ipaddr.IPv6.isValid(text) && !text.includes("%");
}

function isPort(text: string): boolean {
  return /^(?:0|[1-9]\d{0,4})$/.test(text) && Number(text) <= 65_535;
}

/** IPv4 inside IPv6 counts as IPv4, as everywhere. */
function addressOf(ip: string, port: number): Address {
  return { hostname: ipaddr.process(ip).toString(), port };
}

function wrong(why: string): ProxyHeaderError {
  return new ProxyHeaderError(`The PROXY header is wrong: ${why}`);
}
