/**
 * The hosts file of the system: which names its user has given addresses, and
 * which the system itself.
 *
 * @module
 */
import { hostname } from "node:os";
import { canonicalName, isLocalhostName } from "./address.ts";
import { type HostTable, parseSystemHosts } from "./hosts_file.ts";
import type { Resolver } from "./resolver.ts";

/** A change of the file is seen after so many milliseconds. */
const FRESH_FOR = 1_000;
/** Lists of advertisers, which people put there, have some megabytes. */
const MAX_BYTES = 16 * 1024 * 1024;
const NOTHING: HostTable = new Map();

/** The names that Linux, macOS and Docker Desktop write into the file for this machine. */
const SYSTEM_NAME = /^(ip6-|localhost|broadcasthost$|.*\.docker\.internal$)/;

/** Whose names to answer for. */
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
      if (this.#authorOf(canonical) !== author) return undefined;
      return (await this.#current()).get(canonical);
    };
  }

  #authorOf(name: string): Author {
    const [label] = this.#machine.split(".");
    const isMachine = name === this.#machine || name === label ||
      name.startsWith(`${label}.`);
    return isMachine || isLocalhostName(name) || SYSTEM_NAME.test(name)
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
  return Deno.build.os === "windows"
    ? "C:\\Windows\\System32\\drivers\\etc\\hosts"
    : "/etc/hosts";
}
