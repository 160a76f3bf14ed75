// The system's own resolver (hosts file, search domains, mDNS) is reachable in
// no other API: `Deno.resolveDns` queries only DNS servers.
import { lookup } from "node:dns/promises";
import { abortable } from "../../async/abortable.ts";
import { isIpAddress } from "../address/address.ts";

/**
 * Gives the addresses of a name in the order in which they should be tried,
 * or `undefined` when it does not know the name.
 *
 * @param exchangeId The request that needs the name, for log lines.
 */
export type Resolver = (
  hostname: string,
  signal: AbortSignal,
  exchangeId?: string,
) => Promise<readonly string[] | undefined>;

/** No name has more than 16 addresses worth trying. */
export const MAX_ADDRESSES = 16;

/** Asks the operating system. Unknown names give `undefined`. */
export async function systemResolver(
  hostname: string,
): Promise<readonly string[] | undefined> {
  try {
    const answers = await lookup(hostname, { all: true });
    return answers.slice(0, MAX_ADDRESSES).map((answer) => answer.address);
  } catch {
    // getaddrinfo says only that it found nothing; the caller names the host.
    return undefined;
  }
}

/** Tries the resolvers in order until one knows the name. An IP address resolves to itself. */
export function firstAnswer(...resolvers: readonly Resolver[]): Resolver {
  return async function resolveFirst(hostname, signal, exchangeId) {
    if (isIpAddress(hostname)) return [hostname];
    for (const resolver of resolvers) {
      // The system's resolver cannot be cancelled: its result is then ignored.
      const addresses = await abortable(
        resolver(hostname, signal, exchangeId),
        signal,
      );
      if (addresses !== undefined && addresses.length > 0) return addresses;
    }
    return undefined;
  };
}

/** Answers from a table whose keys are names in lower case. */
export function tableResolver(
  table: Readonly<Record<string, readonly string[]>>,
): Resolver {
  const known = new Map(Object.entries(table));
  return (hostname) => Promise.resolve(known.get(hostname.toLowerCase()));
}
