/* One call of a hook, and the notification that nobody waits for it any more. */

import type { CancelListener } from "../../async/rpc.ts";

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
export class Call implements Disposable {
  readonly #parents: readonly AbortSignal[];
  /** The exchange that the call is for, if there is one. */
  readonly exchange: CallSubject | undefined;
  #own: AbortController | undefined;
  #signal: AbortSignal | undefined;
  #listener: CancelListener | undefined;
  /** What the signals call. */
  #hear: (() => void) | undefined;
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
   * removes it. Signals are heard after `listen()` only: most calls end before
   * anybody could wait for that, and listeners cost more than a call.
   */
  onAbort(listener: CancelListener): Disposable {
    this.#listener = listener;
    if (this.#isAborted) this.#notify();
    return this;
  }

  /** From now on, `onAbort()` hears the signals too. */
  listen(): void {
    if (this.#listener === undefined || this.#hear !== undefined) return;
    const hear = this.#hear = () => this.#notify();
    for (const parent of this.#parents) parent.addEventListener("abort", hear);
    if (this.#parents.some(({ aborted }) => aborted)) hear();
  }

  /** Removes the listener of `onAbort()`. */
  [Symbol.dispose](): void {
    this.#listener = undefined;
    const hear = this.#hear;
    if (hear === undefined) return;
    this.#hear = undefined;
    for (const parent of this.#parents) {
      parent.removeEventListener("abort", hear);
    }
  }

  #notify(): void {
    const listener = this.#listener;
    this[Symbol.dispose]();
    listener?.cancel();
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
    this.#notify();
  }
}
