import { ItemsByOwner } from "../../async/items_by_owner.ts";
import { KeyedCounter } from "../../async/keyed_counter.ts";
import type {
  AcceptedConnection,
  ConnectionEvents,
  RefusalReason,
} from "./accepted_connection.ts";
import { countFreeFiles } from "./file_budget.ts";
import type { TrustedProxies } from "./trusted_proxies.ts";

/** A connection that was refused. */
export interface Refusal {
  readonly reason: RefusalReason;
  /** Name of the port. */
  readonly port: string;
  /** The peer's address. */
  readonly address: string;
  /** What is wrong, where the reason does not say all. */
  readonly detail?: string | undefined;
}

/** Numbers of {@linkcode ConnectionLimits}. */
export interface ConnectionLimitsOptions {
  /**
   * Connections that may be open in all. Default 10,000: a lab of a thousand
   * browsers, and about 200 MB of memory. Half of the files that the process
   * may open is the most, as each connection may need a second one.
   */
  readonly max?: number | undefined;
  /** Connections of one address (IPv6: of one /64). Default three quarters of `max`. */
  readonly maxPerAddress?: number | undefined;
  /** Proxies whose connections count for the clients that they name. Default none. */
  readonly trusted?: TrustedProxies | undefined;
  /** Called for each refused connection. Must not throw. */
  readonly onRefusal?: (refusal: Refusal) => void;
  /** Called each time the system has no file left for a connection. Must not throw. */
  readonly onOutOfFiles?: () => void;
  /** Called when a port begins to fail to accept, once until it has worked again. Must not throw. */
  readonly onTrouble?: (port: string, cause: unknown) => void;
  /** Counts the files that can still be opened, up to a number. */
  readonly countFreeFiles?: (atMost: number) => number;
}

const DEFAULT_MAX = 10_000;
/** One port, and one address, leave a quarter to the others. */
const SHARE = 3 / 4;
/** Pending connections of one address: what one browser or one test run opens at once is far below. */
const PENDING_SHARE = 1 / 8;
/** Files are counted for this many connections first, and then for twice as many each time. */
const FIRST_STEP = 256;
/** With fewer, the program would be unusable. */
const LEAST = 8;

/**
 * How many connections all listeners of a process hold.
 *
 * A connection is counted until its file is freed. Where a limit is reached,
 * the oldest pending connection of the address that has most of them gives way
 * to a new one: so a flood from one place takes nothing from the others.
 */
export class ConnectionLimits implements ConnectionEvents {
  readonly #options: ConnectionLimitsOptions;
  readonly #countFreeFiles: (atMost: number) => number;
  readonly #ports = new Map<string, PortUse>();
  readonly #perNetwork = new KeyedCounter();
  readonly #pendingPerNetwork = new KeyedCounter();
  /** Connections for which there are certainly files. */
  #max = 0;
  /** What `#max` may become. */
  #ceiling: number;
  #size = 0;
  /** Connections that were closed for others and whose files are not freed yet. */
  readonly #closing = new Set<AcceptedConnection>();
  #timesOutOfFiles = 0;

  constructor(options: ConnectionLimitsOptions = {}) {
    this.#options = options;
    this.#ceiling = options.max ?? DEFAULT_MAX;
    this.#countFreeFiles = options.countFreeFiles ?? countFreeFiles;
  }

  /** The proxies that are believed; `undefined` without any. */
  get trusted(): TrustedProxies | undefined {
    return this.#options.trusted;
  }

  /** How many connections are open. */
  get size(): number {
    return this.#size;
  }

  /** How many may be open, as far as is known now. */
  get max(): number {
    return this.#ceiling;
  }

  /** How often the system had no file left. */
  get timesOutOfFiles(): number {
    return this.#timesOutOfFiles;
  }

  /** What is open and what was refused, by name of the port. */
  get ports(): ReadonlyMap<string, PortUse> {
    return this.#ports;
  }

  /**
   * Counts a connection that was accepted.
   *
   * @returns Whether it may be served; else close it.
   */
  enter(connection: AcceptedConnection): boolean {
    if (this.#size >= this.#max) this.#raise();
    const port = this.#portOf(connection.port);
    const limit = this.#limitReached(connection, port);
    if (limit !== undefined) {
      const victim = this.#victimOf(limit, connection, port);
      if (victim === undefined || this.#isClogged) {
        this.onRefuse(connection, limit === "pending" ? "address" : limit);
        return false;
      }
      this.#makeGiveWay(victim);
    }
    this.#size += 1;
    this.#perNetwork.add(connection.network);
    this.#pendingPerNetwork.add(connection.network);
    port.open += 1;
    port.add(connection);
    connection.events = this;
    return true;
  }

  /** A connection is pending no more. */
  onAdmit(connection: AcceptedConnection): void {
    this.#removePending(connection);
  }

  /**
   * Counts a connection for the network that it turned out to be of. Where the
   * limit of that network is reached, its oldest pending connection gives way.
   *
   * @returns Whether there is a place; without one the connection must be refused.
   */
  onMove(connection: AcceptedConnection, before: string): boolean {
    const port = this.#portOf(connection.port);
    this.#perNetwork.remove(before);
    const isPending = port.removePending(connection, before);
    if (isPending) this.#pendingPerNetwork.remove(before);
    const limit = this.#limitOfNetwork(connection);
    const victim = limit === undefined || this.#isClogged
      ? undefined
      : this.#victimOf(limit, connection, port);
    if (victim !== undefined) this.#makeGiveWay(victim);
    this.#perNetwork.add(connection.network);
    if (isPending) {
      this.#pendingPerNetwork.add(connection.network);
      port.add(connection);
    }
    return limit === undefined || victim !== undefined;
  }

  /** Whether too many have given way whose files are not freed yet. */
  get #isClogged(): boolean {
    return this.#closing.size > this.#ceiling * PENDING_SHARE;
  }

  /** Stops counting a connection: its file is freed. */
  leave(connection: AcceptedConnection): void {
    this.#closing.delete(connection);
    this.#removePending(connection);
    this.#size -= 1;
    this.#perNetwork.remove(connection.network);
    this.#portOf(connection.port).open -= 1;
  }

  /** The system has no file left: from now on half of what is open is the limit. */
  outOfFiles(): void {
    this.#timesOutOfFiles += 1;
    const half = Math.max(LEAST, Math.floor(this.#size / 2));
    this.#ceiling = Math.min(this.#ceiling, half);
    this.#max = this.#ceiling;
    this.#options.onOutOfFiles?.();
    for (const port of this.#ports.values()) {
      while (this.#size - this.#closing.size > this.#max) {
        const victim = port.oldestOfLargest();
        if (victim === undefined) break;
        this.#makeGiveWay(victim);
      }
    }
  }

  /** Reports a port that begins to fail to accept. */
  troubleOf(port: string, cause: unknown): void {
    this.#options.onTrouble?.(port, cause);
  }

  /** Counts files for more connections, if there may be more. */
  #raise(): void {
    if (this.#max >= this.#ceiling) return;
    const next = Math.min(this.#ceiling, Math.max(FIRST_STEP, 2 * this.#max));
    const wanted = 2 * next - this.#size;
    const free = this.#countFreeFiles(wanted);
    this.#max = next;
    if (free >= wanted) return;
    const half = Math.floor((this.#size + free) / 2);
    this.#max = Math.max(LEAST, Math.min(next, half));
    this.#ceiling = this.#max;
  }

  #limitReached(
    connection: AcceptedConnection,
    port: PortUse,
  ): "total" | "port" | "address" | "pending" | undefined {
    const ofNetwork = this.#limitOfNetwork(connection);
    if (ofNetwork !== undefined) return ofNetwork;
    const max = this.#ceiling;
    if (port.open >= Math.ceil(SHARE * max)) return "port";
    return this.#size - this.#closing.size >= this.#max ? "total" : undefined;
  }

  /** A trusted proxy has the connections of many: what one address may have is not its limit. */
  #limitOfNetwork(
    { network, isOfProxy }: AcceptedConnection,
  ): "address" | "pending" | undefined {
    const max = this.#ceiling;
    const share = Math.ceil(SHARE * max);
    const { maxPerAddress = share } = this.#options;
    const perAddress = Math.min(isOfProxy ? share : maxPerAddress, max);
    if (this.#perNetwork.of(network) >= perAddress) return "address";
    const pending = Math.ceil(PENDING_SHARE * max);
    return this.#pendingPerNetwork.of(network) >= pending
      ? "pending"
      : undefined;
  }

  /** The pending connection to close in favour of `connection`. */
  #victimOf(
    limit: "total" | "port" | "address" | "pending",
    { network }: AcceptedConnection,
    port: PortUse,
  ): AcceptedConnection | undefined {
    const others = this.#ports.values();
    switch (limit) {
      case "port":
        return port.oldestOfLargest();
      case "address":
      case "pending":
        return port.oldestOf(network) ??
          others.map((each) => each.oldestOf(network)).find(isThere);
      case "total":
        return others.toArray()
          .toSorted((one, other) => other.pending - one.pending)[0]
          ?.oldestOfLargest();
      default:
        return limit satisfies never;
    }
  }

  #makeGiveWay(victim: AcceptedConnection): void {
    this.#closing.add(victim);
    this.#removePending(victim);
    victim.refuse("gave_way");
  }

  #removePending(connection: AcceptedConnection): void {
    const { port, network } = connection;
    if (!this.#portOf(port).removePending(connection, network)) return;
    this.#pendingPerNetwork.remove(network);
  }

  /** Counts and reports a connection that is refused or closed. */
  onRefuse(
    { port, address }: AcceptedConnection,
    reason: RefusalReason,
    detail?: string,
  ): void {
    this.#portOf(port).countRefusal(reason);
    this.#options.onRefusal?.({
      ...{ reason, port, address },
      ...detail !== undefined && { detail },
    });
  }

  #portOf(name: string): PortUse {
    return this.#ports.getOrInsertComputed(name, () => new PortUse());
  }
}

function isThere<Value>(value: Value | undefined): value is Value {
  return value !== undefined;
}

/** What is open by one port. */
class PortUse {
  /** Connections, pending ones included. */
  open = 0;
  readonly #pending = new ItemsByOwner<AcceptedConnection>();
  readonly #refused = new Map<RefusalReason, number>();

  /** Connections whose peers have not shown yet that they may be here. */
  get pending(): number {
    return this.#pending.size;
  }

  /** Connections that were refused, by reason. */
  get refused(): ReadonlyMap<RefusalReason, number> {
    return this.#refused;
  }

  /** Counts a pending connection. */
  add(connection: AcceptedConnection): void {
    this.#pending.add(connection.network, connection);
  }

  /** Counts it as pending no more; says whether it was. */
  removePending(connection: AcceptedConnection, network: string): boolean {
    return this.#pending.delete(network, connection);
  }

  /** The pending connection that `network` has had longest. */
  oldestOf(network: string): AcceptedConnection | undefined {
    return this.#pending.oldestOf(network);
  }

  /** The oldest pending connection of the network that has most of them. */
  oldestOfLargest(): AcceptedConnection | undefined {
    const owner = this.#pending.largestOwner;
    return owner === undefined ? undefined : this.#pending.oldestOf(owner);
  }

  countRefusal(reason: RefusalReason): void {
    this.#refused.set(reason, (this.#refused.get(reason) ?? 0) + 1);
  }
}
