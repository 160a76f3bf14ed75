/**
 * The addresses that lead to this server: those of the machine, and those of
 * the name that the server was told to go by, which may be a router's or a
 * balancer's.
 *
 * @module
 */
import { networkInterfaces } from "node:os";
import { logger } from "../../log/log.ts";
import { canonicalIp } from "../../net/address/address.ts";
import type { NameResolver } from "../../net/names/name_resolver.ts";

/** How long addresses are taken as they were, in milliseconds: interfaces come and go. */
const MAX_AGE = 10_000;

const log = logger("server");

/** Where addresses are found. */
export interface OwnAddressesOptions {
  /** The name or address that the server goes by. */
  readonly externalHost?: string | undefined;
  readonly resolve: NameResolver;
  /** Addresses of this machine; as the system says unless given. */
  readonly interfaces?: () => readonly string[];
  /** Milliseconds of a clock that never goes back. */
  readonly now?: () => number;
}

/** Finds the addresses, and again every ten seconds in which somebody asks. */
export class OwnAddresses {
  readonly #options: OwnAddressesOptions;
  readonly #now: () => number;
  #known: Promise<ReadonlySet<string>> | undefined;
  #knownAt = 0;

  constructor(options: OwnAddressesOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
  }

  /** The addresses, as `canonicalIp` spells them. @throws What the system says when it does not tell its interfaces. */
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
    const { externalHost, resolve } = this.#options;
    if (externalHost === undefined) return [];
    // Many may wait for it: none of them ends it.
    const { signal } = new AbortController();
    try {
      return (await resolve(externalHost, signal))?.addresses ?? [];
    } catch (cause) {
      log.warn("the server's own external host has no address", {
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
