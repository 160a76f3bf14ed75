/** The memory that messages take while they pass. */
import { CloseCode, WebSocketError } from "../errors.ts";

/**
 * What the messages of all WebSockets of a client may take together. It is for
 * those that pass at one moment: thousands of ordinary ones.
 */
export const MAX_HELD: number = 64 * 1024 * 1024;

/** A budget that WebSockets share. */
export class MessageBudget {
  readonly #limit: number;
  #held = 0;

  /** @param limit In bytes. */
  constructor(limit: number = MAX_HELD) {
    this.#limit = limit;
  }

  /** Bytes that are taken now. */
  get held(): number {
    return this.#held;
  }

  /** @throws {WebSocketError} When there is not so much left. */
  take(bytes: number): void {
    if (this.#held + bytes > this.#limit) {
      throw new WebSocketError(
        CloseCode.tryAgainLater,
        `all messages together have more than ${this.#limit} bytes`,
      );
    }
    this.#held += bytes;
  }

  /** Gives back what was taken. */
  give(bytes: number): void {
    this.#held -= bytes;
  }
}

/** What one direction has taken. */
export class MessageRoom {
  readonly #budget: MessageBudget;
  #held = 0;

  constructor(budget: MessageBudget) {
    this.#budget = budget;
  }

  /** Bytes of the messages that have not left. */
  get held(): number {
    return this.#held;
  }

  /** @throws {WebSocketError} When all together have too much. */
  grow(bytes: number): void {
    this.#budget.take(bytes);
    this.#held += bytes;
  }

  /** The messages have left. */
  clear(): void {
    this.#budget.give(this.#held);
    this.#held = 0;
  }
}
