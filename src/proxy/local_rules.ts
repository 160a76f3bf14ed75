/**
 * Addresses that tests may reach only when the owner of the client allows it:
 * the client's own machine, link-local addresses, and the metadata services of
 * clouds, which hand out secrets.
 *
 * The rules check the address that is dialled, not the name: a name that
 * resolves to 127.0.0.1 is the client's own machine, however it is spelt.
 *
 * A name that the user has mapped to such an address is allowed. A line
 * `127.0.0.1 shop.test` in a hosts file works as in a browser on that machine.
 * Two kinds of names stay denied: `localhost`, and the names that the platform
 * has put into the system's file (`net/names/system_hosts.ts`), which nobody
 * has chosen. `--host-override` and `--hosts-file` are for those.
 *
 * Link-local and metadata addresses have a switch of their own: a user who
 * wants tests to see this machine does not want them to read its cloud
 * credentials.
 */
import {
  type Address,
  addressKindOf,
  canonicalIp,
  formatAddress,
  innerIps,
  isLocalhostName,
} from "../net/address/address.ts";
import type { Dial } from "../net/dial/dial.ts";
import type { NameResolver, ResolvedName } from "../net/names/name_resolver.ts";
import type { Resolver } from "../net/names/resolver.ts";
import { ProxyError } from "./errors/errors.ts";

/**
 * What to do with requests for the client's own machine: `deny` them, `allow`
 * them, or allow them past an upstream proxy (`direct`).
 */
export type LocalhostMode = "allow" | "deny" | "direct";

/** Which of the denied addresses are allowed. */
export interface LocalRules {
  readonly localhost: LocalhostMode;
  /** Whether link-local and cloud metadata addresses may be reached. */
  readonly privateMetadata: boolean;
}

/** Metadata services of clouds outside 169.254/16, as `canonicalIp` spells them. */
const METADATA: ReadonlySet<string> = new Set([
  // AWS over IPv6: of machines, and the credentials of pods.
  ...["fd00:ec2::254", "fd00:ec2::23"],
  // Google, Oracle and Scaleway over IPv6.
  ...["fd20:ce::254", "fd00:c1::a9fe:a9fe", "fd00:42::42"],
  // Azure's agent, Alibaba, Oracle's classic.
  ...["168.63.129.16", "100.100.100.200", "192.0.0.192"],
]);

/** The unspecified address (RFC 6890): in hosts files it blocks a name. */
const UNSPECIFIED: ReadonlySet<string> = new Set(["0.0.0.0", "::"]);

/**
 * A resolver that refuses addresses that the rules deny.
 *
 * @throws {ProxyError} From the resolver: `localhostDenied`, `addressDenied`.
 */
export function denyLocalAddresses(
  resolve: NameResolver,
  { localhost: mode, privateMetadata }: LocalRules,
): Resolver {
  return async function resolveAllowed(hostname, signal, exchangeId) {
    if (mode === "deny" && isLocalhostName(hostname)) {
      throw new ProxyError("localhostDenied", hostname);
    }
    const found = await resolve(hostname, signal, exchangeId);
    if (found === undefined) return undefined;
    for (const ip of found.addresses) {
      const isAllowed = mode !== "deny" || isUserChoice(ip, found.source);
      if (addressKindOf(ip) === "loopback" && !isAllowed) {
        throw new ProxyError("localhostDenied", hostname);
      }
      if (!privateMetadata && isMetadataIp(ip)) {
        throw new ProxyError("addressDenied", hostname);
      }
    }
    return found.addresses;
  };
}

/** Whether `hostname` is a link-local address or that of a metadata service. */
export function isMetadataIp(hostname: string): boolean {
  return addressKindOf(hostname) === "linkLocal" ||
    innerIps(hostname).some((each) => METADATA.has(each));
}

/** Whether the user has mapped a name to this address. */
function isUserChoice(ip: string, source: ResolvedName["source"]): boolean {
  return source === "user" && !UNSPECIFIED.has(canonicalIp(ip));
}

/**
 * A `Dial` that refuses the proxy's own port. Without it, a name that leads
 * there, or an upstream proxy that is the proxy itself, would make a loop. It
 * checks the address that was reached, not the requested name.
 *
 * @param ownAddress Where the proxy listens, once it does.
 * @throws {ProxyError} From the dial: `viaLoop`.
 */
export function refuseOwnPort(
  dial: Dial,
  ownAddress: () => Address | undefined,
): Dial {
  return async function dialOthers(target, signal, exchangeId) {
    const conn = await dial(target, signal, exchangeId);
    const own = ownAddress();
    const { hostname, port } = conn.remoteAddr;
    if (own === undefined || port !== own.port) return conn;
    if (canonicalIp(hostname) !== canonicalIp(own.hostname)) return conn;
    conn.close();
    throw new ProxyError("viaLoop", formatAddress(target));
  };
}
