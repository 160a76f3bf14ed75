import { ErrorCode, Http2Error } from "../errors.ts";

interface Waiter {
  resolve(): void;
  reject(error: unknown): void;
}

/**
 * Limits the streams we have open to what the peer allows at once (RFC 9113
 * §5.1.2). Further ones wait in order.
 */
export class ConcurrencyLimit {
  readonly #maxWaiting: number;
  readonly #waiting = new Set<Waiter>();
  #limit: number;
  #taken = 0;

  /** @param limit Streams at once, until `setLimit` is called. */
  constructor(limit: number, maxWaiting: number) {
    this.#limit = limit;
    this.#maxWaiting = maxWaiting;
  }

  /**
   * Acquires a place, waiting if there is none. Give it back with `release`.
   *
   * @throws {Http2Error} When too many wait, or when `fail` is called.
   */
  async acquire(signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    if (this.#taken < this.#limit && this.#waiting.size === 0) {
      this.#taken++;
      return;
    }
    if (this.#waiting.size >= this.#maxWaiting) throw tooManyWaiting();
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
    const leave = () => {
      this.#waiting.delete(waiter);
      reject(signal?.reason);
    };
    this.#waiting.add(waiter);
    signal?.addEventListener("abort", leave, { once: true });
    try {
      await promise;
    } finally {
      signal?.removeEventListener("abort", leave);
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

function tooManyWaiting(): Http2Error {
  return new Http2Error(
    "Cannot open a stream: too many already wait for the peer's limit",
    {
      code: ErrorCode.REFUSED_STREAM,
      scope: "stream",
      initiator: "local",
    },
  );
}
