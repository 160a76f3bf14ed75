/**
 * Places that a test has no business to reach unless its owner says so: the
 * client's own machine, and the addresses by which cloud machines are told
 * their secrets.
 *
 * The rules look at the address that will be dialled, not at the name: a name
 * that resolves to 127.0.0.1 is the client's own machine, however it is spelt.
 * A name to which the user himself has given that address is meant to lead
 * there, and may: `127.0.0.1 shop.test` in a hosts file works as it does for a
 * browser beside it. `localhost` stays denied, whatever a file says, and so do
 * names that the platform has put into the system's file (`net/names/system_hosts.ts`):
 * nobody has chosen them. For those there are `--host-override` and
 * `--hosts-file`.
 *
 * Addresses of the link and of metadata services have a switch of their own:
 * who wants tests to see this machine does not want them to read its cloud
 * credentials.
 *
 * @module
 */
import {
  canonicalIp,
  innerIps,
  isLocalhostName,
  kindOf,
} from "../net/address/address.ts";
import type { NameResolver, ResolvedName } from "../net/names/name_resolver.ts";
import type { Resolver } from "../net/names/resolver.ts";
import { ProxyError } from "./errors/errors.ts";

/**
 * What to do with requests for the client's own machine: `deny` them, `allow`
 * them, or allow them past an upstream proxy (`direct`).
 */
export type LocalhostMode = "allow" | "deny" | "direct";

/** What may be reached of the places that are nobody's business by default. */
export interface LocalRules {
  readonly localhost: LocalhostMode;
  /** Whether link-local and cloud metadata addresses may be reached. */
  readonly privateMetadata: boolean;
}

/** Where clouds tell machines their secrets outside 169.254/16, as `canonicalIp` spells it. */
const METADATA: ReadonlySet<string> = new Set([
  // AWS over IPv6: of machines, and the credentials of pods.
  ...["fd00:ec2::254", "fd00:ec2::23"],
  // Google, Oracle and Scaleway over IPv6.
  ...["fd20:ce::254", "fd00:c1::a9fe:a9fe", "fd00:42::42"],
  // Azure's agent, Alibaba, Oracle's classic.
  ...["168.63.129.16", "100.100.100.200", "192.0.0.192"],
]);

/** No host (RFC 6890): in hosts files it takes a name away, and is not meant to lead anywhere. */
const NO_HOST: ReadonlySet<string> = new Set(["0.0.0.0", "::"]);

/**
 * A resolver that gives no address that is off limits.
 *
 * @throws {ProxyError} From the resolver: `localhostDenied`, `addressDenied`.
 */
export function guardLocal(
  resolve: NameResolver,
  { localhost: mode, privateMetadata }: LocalRules,
): Resolver {
  return async function resolveGuarded(hostname, signal) {
    if (mode === "deny" && isLocalhostName(hostname)) {
      throw new ProxyError("localhostDenied", hostname);
    }
    const found = await resolve(hostname, signal);
    if (found === undefined) return undefined;
    for (const ip of found.addresses) {
      const isFree = mode !== "deny" || isMeant(ip, found.source);
      if (kindOf(ip) === "loopback" && !isFree) {
        throw new ProxyError("localhostDenied", hostname);
      }
      if (!privateMetadata && isMetadataIp(ip)) {
        throw new ProxyError("addressDenied", hostname);
      }
    }
    return found.addresses;
  };
}

/** Whether `hostname` is an address of a place that tells machines their secrets, or of the link. */
export function isMetadataIp(hostname: string): boolean {
  return kindOf(hostname) === "linkLocal" ||
    innerIps(hostname).some((each) => METADATA.has(each));
}

/** Whether the user has given a name this address to lead there. */
function isMeant(ip: string, source: ResolvedName["source"]): boolean {
  return source === "user" && !NO_HOST.has(canonicalIp(ip));
}
