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
  #own: AbortController | undefined;
  #signal: AbortSignal | undefined;
  #reason: unknown;
  #isAborted = false;

  /** @param parents Whoever they belong to waits for the call: the exchange, the plugin. */
  constructor(parents: readonly AbortSignal[]) {
    this.#parents = parents;
  }

  /** Aborted when nobody waits any more. */
  get signal(): AbortSignal {
    if (this.#signal !== undefined) return this.#signal;
    this.#own = new AbortController();
    if (this.#isAborted) this.#own.abort(this.#reason);
    this.#signal = AbortSignal.any([this.#own.signal, ...this.#parents]);
    return this.#signal;
  }

  /** Tells the hook that it takes too long. */
  abort(reason: unknown): void {
    this.#isAborted = true;
    this.#reason = reason;
    this.#own?.abort(reason);
  }
}
