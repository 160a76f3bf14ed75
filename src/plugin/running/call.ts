/* One call of a hook, and the notification that nobody waits for it any more. */

/** The exchange that a call is for. */
export interface CallSubject {
  /** Its id. */
  readonly id: string;
  /** Whose it is, where that is known. */
  readonly user?: string | undefined;
  readonly job?: string | undefined;
  /** The request as the browser sent it. */
  readonly original?: OriginalData | undefined;
}

/** The beginning of a request, as data. */
export interface OriginalData {
  readonly method: string;
  /** Absolute. */
  readonly url: string;
}

/**
 * A running call. Most hooks never use their signal, so it is made on first
 * use.
 */
export class Call {
  readonly #parents: readonly AbortSignal[];
  /** The exchange that the call is for, if there is one. */
  readonly exchange: CallSubject | undefined;
  #own: AbortController | undefined;
  #signal: AbortSignal | undefined;
  #listener: (() => void) | undefined;
  #reason: unknown;
  #isAborted = false;

  /**
   * @param parents Signals of the exchange and of the plugin. Each ends the call.
   * @param exchange What the call is for, if it is for one exchange.
   */
  constructor(parents: readonly AbortSignal[], exchange?: CallSubject) {
    this.#parents = parents;
    this.exchange = exchange;
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
   * Calls `listener` once when nobody waits any more. Disposing the result
   * removes it. This is cheaper than a signal.
   */
  onAbort(listener: () => void): Disposable {
    const parents = this.#parents;
    const stop = (): void => {
      this.#listener = undefined;
      for (const parent of parents) parent.removeEventListener("abort", notify);
    };
    const notify = (): void => {
      stop();
      listener();
    };
    this.#listener = notify;
    for (const parent of parents) parent.addEventListener("abort", notify);
    if (this.#isAborted || parents.some(({ aborted }) => aborted)) notify();
    return { [Symbol.dispose]: stop };
  }

  /** Whether the call has taken too long. */
  get isAborted(): boolean {
    return this.#isAborted;
  }

  /** Aborts the signal: the call takes too long. */
  abort(reason: unknown): void {
    this.#isAborted = true;
    this.#reason = reason;
    this.#own?.abort(reason);
    this.#listener?.();
  }
}
