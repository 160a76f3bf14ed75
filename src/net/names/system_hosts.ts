/**
 * The hosts file of the system: which names its user has given addresses, and
 * which the platform has (the system, a container engine, a cloud's agent).
 *
 * Both write into the same file, so it is decided by the name. Of the platform's
 * kind are:
 *
 * | name | who writes it |
 * |---|---|
 * | `localhost` and what begins so, `ip6-localhost`, `broadcasthost` | Linux, macOS |
 * | the machine's own name, with and without a domain | Linux, cloud-init, WSL |
 * | all names with the address 127.0.1.1 | Debian, for a name that the machine has or had |
 * | names without a dot: `vm`, `runsc`, `kubernetes` | container engines, sandboxes |
 * | names below `internal` and `localdomain` | Docker, Podman, Lima, clouds, WSL |
 *
 * All others are the user's: no platform writes a name such as `shop.test`.
 */
import { hostname } from "node:os";
import { canonicalName, isLocalhostName } from "../address/address.ts";
import { type HostTable, parseSystemHosts } from "./hosts_file.ts";
import { SYSTEM } from "../../platform/system.ts";
import type { Resolver } from "./resolver.ts";

/** A change of the file is seen after so many milliseconds. */
const FRESH_FOR = 1_000;
/** Lists of advertisers, which people put there, have some megabytes. */
const MAX_BYTES = 16 * 1024 * 1024;
const NOTHING: HostTable = new Map();

/** The names that platforms write into the file. */
const PLATFORM_NAME =
  /^(?:ip6-|ipv6-|localhost|[^.]*$)|\.(?:internal|localdomain\d*)$/;
/** Where Debian lets the machine's own name lead. */
const OWN_ADDRESS = "127.0.1.1";

/** Names of the platform, or those of the user. */
export type Author = "user" | "system";

/** The hosts file of the system, read again when it has changed. */
export class SystemHosts {
  readonly #path: string;
  readonly #machine: string;
  readonly #freshFor: number;
  #table: Promise<HostTable> = Promise.resolve(NOTHING);
  #checkedAt = -Infinity;
  #version = "";

  /** @param path Where the file is, when not where the system has it. */
  constructor(
    path: string = systemHostsPath(),
    { machine = hostname(), freshFor = FRESH_FOR }: {
      readonly machine?: string;
      readonly freshFor?: number;
    } = {},
  ) {
    this.#path = path;
    this.#machine = canonicalName(machine);
    this.#freshFor = freshFor;
  }

  /** Answers for the names that one author has written into the file. */
  resolver(author: Author): Resolver {
    return async (name) => {
      const canonical = canonicalName(name);
      const addresses = (await this.#current()).get(canonical);
      if (addresses === undefined) return undefined;
      return this.#authorOf(canonical, addresses) === author
        ? addresses
        : undefined;
    };
  }

  #authorOf(name: string, addresses: readonly string[]): Author {
    const [label] = this.#machine.split(".");
    const isMachine = name === this.#machine || name === label ||
      name.startsWith(`${label}.`);
    return isMachine || isLocalhostName(name) || PLATFORM_NAME.test(name) ||
        addresses.includes(OWN_ADDRESS)
      ? "system"
      : "user";
  }

  #current(): Promise<HostTable> {
    const now = performance.now();
    if (now - this.#checkedAt >= this.#freshFor) {
      this.#checkedAt = now;
      this.#table = this.#read(this.#table);
    }
    return this.#table;
  }

  async #read(before: Promise<HostTable>): Promise<HostTable> {
    try {
      const { size, mtime } = await Deno.stat(this.#path);
      const version = `${size} ${mtime?.getTime()}`;
      if (version === this.#version) return await before;
      this.#version = version;
      if (size > MAX_BYTES) return NOTHING;
      return parseSystemHosts(await Deno.readTextFile(this.#path));
    } catch {
      // There is none, or it is not for us: the system's resolver may know more.
      this.#version = "";
      return NOTHING;
    }
  }
}

/** Where the system has its hosts file. */
function systemHostsPath(): string {
  return SYSTEM.name === "windows"
    ? "C:\\Windows\\System32\\drivers\\etc\\hosts"
    : "/etc/hosts";
}
