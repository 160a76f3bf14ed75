/**
 * The order in which the addresses of a name are tried: by turns of both
 * families, so that one that leads nowhere costs one head start and not one for
 * each of its addresses (RFC 8305 §4).
 *
 * @module
 */

/** The addresses with IPv6 and IPv4 by turns; the family of the first begins, and each keeps its order. */
export function byTurns(addresses: readonly string[]): readonly string[] {
  const first = familyOf(addresses[0] ?? "");
  const own = addresses.filter((ip) => familyOf(ip) === first);
  const other = addresses.filter((ip) => familyOf(ip) !== first);
  const turns = Math.max(own.length, other.length);
  return Array.from({ length: turns }, (_, at) => [own[at], other[at]])
    .flat().filter((ip) => ip !== undefined);
}

function familyOf(ip: string): 4 | 6 {
  return ip.includes(":") ? 6 : 4;
}
