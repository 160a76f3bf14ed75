/**
 * Addresses that the user gives to single names, and to all names below one.
 *
 * ```text
 * shop.test=10.1.2.3              this name
 * shop.test=10.1.2.3,2001:db8::7  this name; the addresses are tried in order
 * *.local.test=127.0.0.1          all names that end with .local.test
 * ```
 *
 * The name itself wins over wildcards, the longest wildcard over shorter ones.
 * `*.local.test` is not `local.test`, as in certificates; unlike there it is
 * `a.b.local.test` too.
 */
import { canonicalName, isIpAddress } from "../address/address.ts";
import { isDnsName } from "./dns_message.ts";
import type { Resolver } from "./resolver.ts";

/** A name, or `*.` and what names end with, and its addresses. */
export interface HostOverride {
  /** In lower case: `shop.test`, `*.local.test`. */
  readonly pattern: string;
  /** At least one IP address; IPv6 without brackets. */
  readonly addresses: readonly string[];
}

const WILDCARD = "*.";

/**
 * Reads `name=ip` and `name=ip,ip`.
 *
 * @throws {SyntaxError} With the reason.
 */
export function parseHostOverride(text: string): HostOverride {
  const [name = "", list] = /^([^=]*)=(.*)$/.exec(text)?.slice(1) ?? [];
  if (list === undefined) {
    throw new SyntaxError(`Cannot read "${text}": it has no address`);
  }
  const pattern = canonicalName(name.trim());
  const suffix = pattern.startsWith(WILDCARD)
    ? pattern.slice(WILDCARD.length)
    : pattern;
  if (!isDnsName(suffix) || suffix.includes("*") || isIpAddress(suffix)) {
    throw new SyntaxError(
      `Cannot read "${text}": "${name}" is neither a host name nor *.name`,
    );
  }
  const addresses = list.split(",").map((ip) =>
    ip.trim().replace(/^\[(.*)\]$/, "$1")
  );
  const wrong = addresses.find((ip) => !isIpAddress(ip));
  if (wrong !== undefined) {
    throw new SyntaxError(
      `Cannot read "${text}": "${wrong}" is no IP address`,
    );
  }
  return { pattern, addresses };
}

/** Writes an override so that it can be read again. */
export function formatHostOverride(
  { pattern, addresses }: HostOverride,
): string {
  return `${pattern}=${addresses.join(",")}`;
}

/** Answers with what the best pattern says; a pattern given twice has all its addresses. */
export function overridesResolver(
  overrides: readonly HostOverride[],
): Resolver {
  const table = new Map<string, readonly string[]>();
  for (const { pattern, addresses } of overrides) {
    table.set(pattern, [...table.get(pattern) ?? [], ...addresses]);
  }
  return (hostname) => {
    const pattern = patternsFor(canonicalName(hostname))
      .find((each) => table.has(each));
    return Promise.resolve(
      pattern === undefined ? pattern : table.get(pattern),
    );
  };
}

/** `a.b.test`, `*.b.test`, `*.test`: what may stand for a name, the best first. */
function patternsFor(name: string): string[] {
  const labels = name.split(".");
  return labels.map((_, at) =>
    at === 0 ? name : WILDCARD + labels.slice(at).join(".")
  );
}
