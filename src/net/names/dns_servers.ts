import { logger } from "../../log/log.ts";
import { type Address, formatAddress } from "../address/address.ts";

/** How servers take turns. */
export interface TurnOptions {
  /** Whether each name starts with the server after the last one's. */
  readonly roundRobin?: boolean;
  /** How long a silent server stays at the end, in milliseconds. */
  readonly rest?: number;
}

const log = logger("proxy");

/**
 * The servers in the order of the queries. A silent server goes to the end for a
 * while. Otherwise a dead first server would slow down every connection.
 */
export class DnsServers {
  readonly #servers: readonly Address[];
  readonly #roundRobin: boolean;
  readonly #rest: number;
  /** Servers that were silent, and until when they rest. */
  readonly #silent = new Map<Address, number>();
  #first = 0;

  constructor(
    servers: readonly Address[],
    { roundRobin = false, rest = 30_000 }: TurnOptions = {},
  ) {
    this.#servers = servers;
    this.#roundRobin = roundRobin;
    this.#rest = rest;
  }

  /** The order for one name. */
  next(): readonly Address[] {
    const { length } = this.#servers;
    const first = this.#first;
    if (this.#roundRobin) this.#first = (first + 1) % length;
    const turns = this.#servers.map((_, at) =>
      this.#servers[(first + at) % length]
    ).filter((each) => each !== undefined);
    return [
      ...turns.filter((each) => !this.#rests(each)),
      ...turns.filter((each) => this.#rests(each)),
    ];
  }

  /** Notes that a server did not respond in time. */
  wasSilent(server: Address): void {
    if (!this.#rests(server)) {
      log.warn("DNS server does not respond", {
        server: formatAddress(server),
      });
    }
    this.#silent.set(server, performance.now() + this.#rest);
  }

  /** Notes that a server responded. */
  hasAnswered(server: Address): void {
    this.#silent.delete(server);
  }

  #rests(server: Address): boolean {
    return performance.now() < (this.#silent.get(server) ?? 0);
  }
}
