/**
 * From host names to addresses, with the source of each address.
 *
 * The sources of a name, in order:
 *
 * | | source |
 * |---|---|
 * | the program that embeds the client, its plugins | network |
 * | overrides of the user | user |
 * | the user's hosts file | user |
 * | the system's hosts file | user; network for names of the platform's kind (`system_hosts.ts`) |
 * | DNS servers of the user's choice; without them, the system | network |
 *
 * DNS servers replace the system's resolver. A name that they do not know does
 * not exist.
 */
import { abortable } from "../../async/abortable.ts";
import {
  type Address,
  isIpAddress,
  isLocalhostName,
} from "../address/address.ts";
import { dnsResolver } from "./dns_resolver.ts";
import { type HostOverride, overridesResolver } from "./host_overrides.ts";
import { hostsResolver, type HostTable } from "./hosts_file.ts";
import { firstAnswer, type Resolver, systemResolver } from "./resolver.ts";
import { SystemHosts } from "./system_hosts.ts";

/** The addresses of a name. */
export interface ResolvedName {
  /** IP addresses in the order in which they should be tried; at least one. */
  readonly addresses: readonly string[];
  /**
   * Where the address comes from. `user`: the user of this machine has mapped
   * this name, and may map it to this machine. `network`: a name server; the
   * owner of any domain can point it at this machine.
   */
  readonly source: "user" | "network";
}

/** Gives the addresses of a name, or `undefined` when there is no such name. */
export type NameResolver = (
  hostname: string,
  signal: AbortSignal,
  exchangeId?: string,
) => Promise<ResolvedName | undefined>;

/** What the user says about names. */
export interface NameSettings {
  /** Addresses of single names, and of all names below one. */
  readonly overrides?: readonly HostOverride[];
  /** A hosts file. */
  readonly hosts?: HostTable;
  /** IP addresses and ports of DNS servers that replace the system's resolver. */
  readonly dnsServers?: readonly Address[];
  /** Whether the servers take turns. Otherwise the first server is preferred. Default `false`. */
  readonly dnsRoundRobin?: boolean;
  /** How long all servers together may take for one name, in milliseconds. Default 5,000. */
  readonly dnsTimeout?: number;
}

/** Answers with what the user says about names, and the system or DNS servers for all others. */
export function createNameResolver(
  { overrides = [], hosts = new Map(), dnsServers = [], ...dns }: NameSettings,
  { systemHosts = new SystemHosts() }: {
    readonly systemHosts?: SystemHosts;
  } = {},
): NameResolver {
  return firstName(
    fromUser(overridesResolver(overrides)),
    fromUser(hostsResolver(hosts)),
    fromUser(systemHosts.resolver("user")),
    fromNetwork(
      dnsServers.length === 0 ? systemResolver : firstAnswer(
        systemHosts.resolver("system"),
        localhostResolver,
        dnsResolver({
          servers: dnsServers,
          roundRobin: dns.dnsRoundRobin ?? false,
          timeout: dns.dnsTimeout ?? 5_000,
        }),
      ),
    ),
  );
}

/** Tries the resolvers in order until one knows the name. An IP address resolves to itself. */
export function firstName(...resolvers: readonly NameResolver[]): NameResolver {
  return async function resolveFirstName(hostname, signal, exchangeId) {
    if (isIpAddress(hostname)) {
      return { addresses: [hostname], source: "network" };
    }
    for (const resolve of resolvers) {
      const found = await resolve(hostname, signal, exchangeId);
      if (found !== undefined) return found;
    }
    return undefined;
  };
}

/** Marks the addresses as the choice of the user. */
export function fromUser(resolve: Resolver): NameResolver {
  return withSource(resolve, "user");
}

/** Marks the addresses as the word of the network. */
export function fromNetwork(resolve: Resolver): NameResolver {
  return withSource(resolve, "network");
}

/** The addresses without their source, for hosts that the user has named. */
export function addressesOf(resolve: NameResolver): Resolver {
  return async (hostname, signal, exchangeId) =>
    (await resolve(hostname, signal, exchangeId))?.addresses;
}

function withSource(
  resolve: Resolver,
  source: ResolvedName["source"],
): NameResolver {
  return async function resolveWithSource(hostname, signal, exchangeId) {
    // The system's resolver cannot be cancelled: its result is then ignored.
    const addresses = await abortable(
      resolve(hostname, signal, exchangeId),
      signal,
    );
    if (addresses === undefined || addresses.length === 0) return undefined;
    return { addresses, source };
  };
}

/** Names below `localhost` are this machine, and not for DNS servers (RFC 6761 §6.3). */
function localhostResolver(
  hostname: string,
): Promise<readonly string[] | undefined> {
  return Promise.resolve(
    isLocalhostName(hostname) ? ["127.0.0.1", "::1"] : undefined,
  );
}
