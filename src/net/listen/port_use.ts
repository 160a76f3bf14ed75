import { ItemsByOwner } from "../../async/items_by_owner.ts";
import type {
  AcceptedConnection,
  RefusalReason,
} from "./accepted_connection.ts";

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
