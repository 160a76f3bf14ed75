// The addresses that lead to this server: those of the machine, and those of its
// external names. The latter may belong to a router or a load balancer.
import { networkInterfaces } from "node:os";
import { logger } from "../../log/log.ts";
import { canonicalIp } from "../../net/address/address.ts";
import type { NameResolver } from "../../net/names/name_resolver.ts";

/** How long addresses are cached, in milliseconds: interfaces come and go. */
const MAX_AGE = 10_000;

const log = logger("server");

/** Where addresses come from. */
export interface OwnAddressesOptions {
  /** External names and addresses of the server. Default none. */
  readonly externalHosts?: readonly string[] | undefined;
  readonly resolve: NameResolver;
  /** Addresses of this machine; by default those of its interfaces. */
  readonly interfaces?: () => readonly string[];
  /** Milliseconds of a monotonic clock. */
  readonly now?: () => number;
}

/** Finds the addresses, at most once in ten seconds. */
export class OwnAddresses {
  readonly #options: OwnAddressesOptions;
  readonly #now: () => number;
  #known: Promise<ReadonlySet<string>> | undefined;
  #knownAt = -Infinity;

  constructor(options: OwnAddressesOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
  }

  /** The addresses, in the spelling of `canonicalIp`. @throws The system's error when it does not list its interfaces. */
  list(): Promise<ReadonlySet<string>> {
    const now = this.#now();
    if (this.#known === undefined || now - this.#knownAt >= MAX_AGE) {
      const found = this.#find();
      this.#known = found;
      this.#knownAt = now;
      found.catch(() => {
        if (this.#known === found) this.#known = undefined;
      });
    }
    return this.#known;
  }

  async #find(): Promise<ReadonlySet<string>> {
    const { interfaces = machineAddresses } = this.#options;
    const all = [...interfaces(), ...await this.#external()];
    return new Set(all.map(canonicalIp));
  }

  async #external(): Promise<readonly string[]> {
    const { externalHosts = [] } = this.#options;
    const found = externalHosts.map((host) => this.#addressesOf(host));
    return (await Promise.all(found)).flat();
  }

  async #addressesOf(externalHost: string): Promise<readonly string[]> {
    const { resolve } = this.#options;
    // Several requests may share the look-up, so none of them can cancel it.
    const { signal } = new AbortController();
    try {
      return (await resolve(externalHost, signal))?.addresses ?? [];
    } catch (cause) {
      log.warn("external host of the server has no address", {
        host: externalHost,
        cause: String(cause),
      });
      return [];
    }
  }
}

function machineAddresses(): readonly string[] {
  return Object.values(networkInterfaces()).flatMap((each) => each ?? [])
    .map(({ address }) => address);
}
