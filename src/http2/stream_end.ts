/**
 * The end of a stream, for those who wait for it. Most streams have nobody who
 * does, so what it takes is made when it is first asked for.
 *
 * @module
 */

/** The end of one stream. */
export class StreamEnd {
  #isOver = false;
  #error: Error | undefined;
  #closed: PromiseWithResolvers<void> | undefined;
  #controller: AbortController | undefined;
  #action: (() => void) | undefined;

  /** Resolves at the end, whichever it is. */
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

  /** Calls `action` at the end; only the last one counts. */
  once(action: () => void): void {
    if (this.#isOver) action();
    else this.#action = action;
  }

  /** Tells all who wait. */
  settle(error: Error | undefined): void {
    this.#isOver = true;
    this.#error = error;
    this.#action?.();
    this.#closed?.resolve();
    if (error !== undefined) this.#controller?.abort(error);
  }
}
