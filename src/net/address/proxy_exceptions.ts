/**
 * Hosts that are reached past a proxy, as `NO_PROXY` lists them:
 *
 * | entry | means |
 * |---|---|
 * | `example.com`, `.example.com` | this host and all below it |
 * | `10.0.0.1`, `[fd00::1]`, `fd00::1` | this address |
 * | `10.0.0.0/8`, `fd00::/8` | all addresses of the network |
 * | `example.com:8443` | only at this port |
 * | `*` | every host |
 *
 * No standard defines it; this is what curl and Go have in common. Entries
 * are separated by commas or spaces, and what is none of these matches nothing.
 */
import ipaddr from "ipaddr.js";
import {
  type Address,
  canonicalIp,
  canonicalName,
  isIpAddress,
  parseAddress,
} from "./address.ts";

/** Entries that are looked at; an environment has fewer. */
const MAX_ENTRIES = 1_000;

/** Whether a place is reached past the proxy. */
export type IsExcepted = (place: Address) => boolean;

/** Reads the list. */
export function parseProxyExceptions(text: string): IsExcepted {
  const entries = text.split(/[\s,]+/).filter((entry) => entry !== "")
    .slice(0, MAX_ENTRIES).map(entryOf);
  return (place) => entries.some((matches) => matches(place));
}

function entryOf(entry: string): IsExcepted {
  if (entry === "*") return () => true;
  if (entry.includes("/")) return networkOf(entry);
  if (isIpAddress(entry)) return hostOf({ hostname: entry, port: ANY });
  try {
    return hostOf(parseAddress(entry, ANY));
  } catch {
    // No proxy program says more about it than this.
    return () => false;
  }
}

/** Stands for any port; not a valid port number itself. */
const ANY = 0;

function hostOf({ hostname, port }: Address): IsExcepted {
  const name = canonicalName(hostname.replace(/^\./, ""));
  const ip = isIpAddress(name) ? canonicalIp(name) : undefined;
  return (place) => {
    if (port !== ANY && port !== place.port) return false;
    if (ip !== undefined) return canonicalIp(place.hostname) === ip;
    const host = canonicalName(place.hostname);
    return name !== "" && (host === name || host.endsWith(`.${name}`));
  };
}

function networkOf(entry: string): IsExcepted {
  if (!ipaddr.isValidCIDR(entry)) return () => false;
  const [network, bits] = ipaddr.parseCIDR(entry);
  return ({ hostname }) => {
    const ip = canonicalIp(hostname);
    if (!isIpAddress(ip)) return false;
    const address = ipaddr.parse(ip);
    return address.kind() === network.kind() && address.match(network, bits);
  };
}
