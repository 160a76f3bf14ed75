/* The hosts that a plugin has `net` permission for, as Deno reads them. */
import {
  canonicalHost,
  formatAddress,
  isIpAddress,
  parseAddress,
} from "../../net/address/address.ts";
import {
  AddressRanges,
  isAddressRange,
} from "../../net/address/address_ranges.ts";

/** Whether a plugin may send a request there. */
export type AllowsUrl = (url: URL) => boolean;

/** Stands for any port; not a valid port itself. */
const ANY = 0;

/**
 * Reads a `net` permission: `api.test`, `api.test:443`, `*.api.test`,
 * `10.0.0.0/8`, `[::1]:80`. Other entries allow nothing.
 */
export function netAccess(net: readonly string[] | boolean): AllowsUrl {
  if (typeof net === "boolean") return () => net;
  const entries = net.map(entryOf);
  return (url) => {
    const { hostname, port } = addressOf(url);
    return entries.some((allows) => allows(hostname, port));
  };
}

/** The entry that would allow `url`. */
export function netTarget(url: URL): string {
  return formatAddress(addressOf(url));
}

function addressOf({ hostname, port, protocol }: URL) {
  const usual = protocol === "https:" ? 443 : 80;
  return {
    hostname: canonicalHost(hostname.replace(/^\[|\]$/g, "")),
    port: port === "" ? usual : Number(port),
  };
}

function entryOf(
  entry: string,
): (hostname: string, port: number) => boolean {
  if (entry.includes("/")) {
    if (!isAddressRange(entry)) return () => false;
    const range = new AddressRanges([entry]);
    return (hostname) => range.has(hostname);
  }
  const { hostname, port } = placeOf(entry);
  const host = canonicalHost(hostname);
  return (asked, askedPort) => {
    if (port !== ANY && port !== askedPort) return false;
    return host.startsWith("*.")
      ? !isIpAddress(asked) && asked.endsWith(host.slice(1))
      : asked === host;
  };
}

function placeOf(entry: string) {
  if (isIpAddress(entry)) return { hostname: entry, port: ANY };
  try {
    return parseAddress(entry, ANY);
  } catch {
    // The worker does not start with such an entry.
    return { hostname: "", port: ANY };
  }
}
