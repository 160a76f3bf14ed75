import { ItemsByOwner } from "../async/items_by_owner.ts";
import type { AcceptedConnection } from "./accepted_connection.ts";

/**
 * Why a connection is not served:
 *
 * - `total`, `port`, `address`: that limit is reached, and no pending
 *   connection can give way.
 * - `gave_way`: it was pending, and its address had the most of those.
 * - `tls_timeout`: its TLS handshake took too long.
 * - `login_timeout`: it was pending for too long.
 * - `silent`: it was silent in both directions for too long.
 */
export type RefusalReason =
  | "total"
  | "port"
  | "address"
  | "gave_way"
  | "tls_timeout"
  | "login_timeout"
  | "silent";

/** What is open by one port. */
export class PortUse {
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
    this.open += 1;
    this.#pending.add(connection.network, connection);
  }

  /** Counts it as pending no more; says whether it was. */
  removePending(connection: AcceptedConnection): boolean {
    return this.#pending.delete(connection.network, connection);
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

  /** Counts a refusal. */
  countRefusal(reason: RefusalReason): void {
    this.#refused.set(reason, (this.#refused.get(reason) ?? 0) + 1);
  }
}
