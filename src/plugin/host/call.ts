/**
 * One call of a hook: who waits for its result, and how it is told that nobody
 * does any more.
 *
 * @module
 */

/**
 * A call that is under way. Most hooks never look at their signal, so it is
 * made when somebody does.
 */
export class Call {
  readonly #parents: readonly AbortSignal[];
  readonly #exchangeId: string | undefined;
  #own: AbortController | undefined;
  #signal: AbortSignal | undefined;
  #listener: (() => void) | undefined;
  #reason: unknown;
  #isAborted = false;

  /**
   * @param parents Whoever they belong to waits for the call: the exchange, the plugin.
   * @param exchangeId The exchange that the call is for, if any.
   */
  constructor(parents: readonly AbortSignal[], exchangeId?: string) {
    this.#parents = parents;
    this.#exchangeId = exchangeId;
  }

  /** Which exchange the call is for; `undefined` when it is for none. */
  get exchangeId(): string | undefined {
    return this.#exchangeId;
  }

  /** Aborted when nobody waits any more. */
  get signal(): AbortSignal {
    if (this.#signal !== undefined) return this.#signal;
    this.#own = new AbortController();
    if (this.#isAborted) this.#own.abort(this.#reason);
    this.#signal = AbortSignal.any([this.#own.signal, ...this.#parents]);
    return this.#signal;
  }

  /**
   * Calls `listener` when nobody waits any more, once, unless the result is
   * disposed before. Cheaper than a signal of its own.
   */
  onAbort(listener: () => void): Disposable {
    const parents = this.#parents;
    const stop = (): void => {
      this.#listener = undefined;
      for (const parent of parents) parent.removeEventListener("abort", tell);
    };
    const tell = (): void => {
      stop();
      listener();
    };
    this.#listener = tell;
    for (const parent of parents) parent.addEventListener("abort", tell);
    if (this.#isAborted || parents.some(({ aborted }) => aborted)) tell();
    return { [Symbol.dispose]: stop };
  }

  /** Tells the hook that it takes too long. */
  abort(reason: unknown): void {
    this.#isAborted = true;
    this.#reason = reason;
    this.#own?.abort(reason);
    this.#listener?.();
  }
}
