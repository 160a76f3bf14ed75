/**
 * Gives the requests for a name to several machines in turn:
 *
 * ```yaml
 * plugins:
 *   - use: ./plugins/dns_round_robin.ts
 *     options:
 *       shop.example: [10.1.2.3, 10.1.2.4, 10.1.2.5]
 * ```
 *
 * A machine that does not respond is skipped: the list continues with the next.
 */
import type { Plugin } from "sallyport";

type Table = Readonly<Record<string, readonly string[]>>;

const turns = new Map<string, number>();

export default {
  resolve(hostname, { options }) {
    const addresses = options[hostname];
    if (addresses === undefined) return;
    const turn = turns.get(hostname) ?? 0;
    turns.set(hostname, (turn + 1) % addresses.length);
    return [...addresses.slice(turn), ...addresses.slice(0, turn)];
  },
} satisfies Plugin<Table>;
