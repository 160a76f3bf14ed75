/**
 * Hosts files: an address and its names on each line.
 *
 * ```text
 * 10.1.2.3   shop.test api.shop.test   # a comment
 * 2001:db8::7 shop.test
 * ```
 *
 * A name on several lines has the addresses of all of them.
 */
import { canonicalName, isIpAddress } from "../address/address.ts";
import { isDnsName } from "./dns_message.ts";
import type { Resolver } from "./resolver.ts";

/** The addresses of names in lower case. */
export type HostTable = ReadonlyMap<string, readonly string[]>;

/**
 * Reads the text of a hosts file.
 *
 * @throws {SyntaxError} With the number of the line that is wrong.
 */
export function parseHosts(text: string): HostTable {
  return tableOf(text, ({ line, reason }) => {
    throw new SyntaxError(`${reason} in line ${line}`);
  });
}

/** Reads the text of the system's hosts file, in which there may be what only the system knows. */
export function parseSystemHosts(text: string): HostTable {
  return tableOf(text, () => {});
}

/** Answers from a hosts file. */
export function hostsResolver(table: HostTable): Resolver {
  return (hostname) => Promise.resolve(table.get(canonicalName(hostname)));
}

/** What is wrong with a line. */
interface Mistake {
  readonly line: number;
  readonly reason: string;
}

function tableOf(
  text: string,
  onMistake: (mistake: Mistake) => void,
): HostTable {
  const table = new Map<string, string[]>();
  for (
    const [at, line] of text.replace(/^\ufeff/, "").split(/\r?\n/).entries()
  ) {
    const [address, ...names] = line.replace(/#.*/, "").trim().split(/\s+/);
    if (address === undefined || address === "") continue;
    const reason = mistakeIn(address, names);
    if (reason === undefined) add(table, address, names);
    else onMistake({ line: at + 1, reason });
  }
  return table;
}

function mistakeIn(
  address: string,
  names: readonly string[],
): string | undefined {
  if (!isIpAddress(address)) return `"${address}" is no IP address`;
  if (names.length === 0) return `"${address}" has no name`;
  const wrong = names.find((name) => !isHostName(name));
  return wrong === undefined ? undefined : `"${wrong}" is not a host name`;
}

/** Wildcards are not host names: hosts files have none. */
function isHostName(name: string): boolean {
  return isDnsName(canonicalName(name)) && !name.includes("*") &&
    !isIpAddress(name);
}

function add(
  table: Map<string, string[]>,
  address: string,
  names: readonly string[],
): void {
  for (const name of names.map(canonicalName)) {
    const known = table.get(name) ?? [];
    if (!known.includes(address)) known.push(address);
    table.set(name, known);
  }
}
