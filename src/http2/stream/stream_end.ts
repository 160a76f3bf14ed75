/**
 * The end of one stream, for callers that wait for it. Most streams have none,
 * so the promise and the signal are created on first use.
 */
export class StreamEnd {
  #isOver = false;
  #error: Error | undefined;
  #closed: PromiseWithResolvers<void> | undefined;
  #controller: AbortController | undefined;
  #action: (() => void) | undefined;

  /** Resolves at the end of any kind. */
  get closed(): Promise<void> {
    if (this.#closed === undefined) {
      this.#closed = Promise.withResolvers();
      if (this.#isOver) this.#closed.resolve();
    }
    return this.#closed.promise;
  }

  /** Aborted at an early end. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#error !== undefined) this.#controller.abort(this.#error);
    }
    return this.#controller.signal;
  }

  /** Calls `action` at the end; only the last action counts. */
  once(action: () => void): void {
    if (this.#isOver) action();
    else this.#action = action;
  }

  /** Notifies all that wait. */
  settle(error: Error | undefined): void {
    this.#isOver = true;
    this.#error = error;
    this.#action?.();
    this.#closed?.resolve();
    if (error !== undefined) this.#controller?.abort(error);
  }
}
