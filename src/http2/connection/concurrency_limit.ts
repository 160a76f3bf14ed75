import type { Clock } from "../../async/clock.ts";
import { StreamLimitError } from "../errors.ts";
import { noFreeStream } from "./connection_errors.ts";

interface Waiter {
  resolve(): void;
  reject(error: unknown): void;
}

/** Bounds of the queue. */
export interface QueueLimits {
  /** How many may wait. */
  readonly maxWaiting: number;
  /** Milliseconds that each may wait; 0 for no limit. */
  readonly maxWait: number;
  readonly clock: Clock;
}

/**
 * Limits the streams we have open to what the peer allows at once (RFC 9113
 * §5.1.2). Further ones wait in order.
 */
export class ConcurrencyLimit {
  readonly #queue: QueueLimits;
  readonly #waiting = new Set<Waiter>();
  #limit: number;
  #taken = 0;

  /** @param limit Streams at once, until `setLimit` is called. */
  constructor(limit: number, queue: QueueLimits) {
    this.#limit = limit;
    this.#queue = queue;
  }

  /** Streams at once. */
  get limit(): number {
    return this.#limit;
  }

  /**
   * Acquires a place, waiting if there is none. Give it back with `release`.
   *
   * @throws {StreamLimitError} When too many wait, or this one waits too long.
   * @throws What `fail` is called with.
   */
  async acquire(signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    if (this.#taken < this.#limit && this.#waiting.size === 0) {
      this.#taken++;
      return;
    }
    if (this.#waiting.size >= this.#queue.maxWaiting) throw tooManyWaiting();
    await this.#wait(signal);
  }

  /** Gives a place back. */
  release(): void {
    this.#taken--;
    this.#admit();
  }

  /** Sets the peer's new limit. Streams above it stay until they end. */
  setLimit(limit: number): void {
    this.#limit = limit;
    this.#admit();
  }

  /** Rejects all that wait. */
  fail(error: unknown): void {
    for (const waiter of this.#waiting) waiter.reject(error);
    this.#waiting.clear();
  }

  async #wait(signal: AbortSignal | undefined): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiter = { resolve, reject };
    const leave = (reason: unknown) => {
      this.#waiting.delete(waiter);
      reject(reason);
    };
    const abort = () => leave(signal?.reason);
    const { maxWait, clock } = this.#queue;
    this.#waiting.add(waiter);
    signal?.addEventListener("abort", abort, { once: true });
    const late = maxWait === 0
      ? undefined
      : clock.timer(maxWait, () => leave(noFreeStream(maxWait)));
    try {
      await promise;
    } finally {
      late?.[Symbol.dispose]();
      signal?.removeEventListener("abort", abort);
    }
  }

  #admit(): void {
    for (const waiter of this.#waiting) {
      if (this.#taken >= this.#limit) return;
      this.#taken++;
      this.#waiting.delete(waiter);
      waiter.resolve();
    }
  }
}

function tooManyWaiting(): StreamLimitError {
  return new StreamLimitError(
    "Cannot open a stream: too many already wait for the peer's limit",
  );
}
