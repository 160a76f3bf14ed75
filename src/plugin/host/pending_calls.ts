/*
 * The calls of a plugin that have not ended. One timer watches all of them:
 * most end before it looks, and so cost neither a timer nor a listener.
 */
import { timer } from "../../async/timer.ts";
import type { Progress } from "../results/hooked_content.ts";
import type { Call } from "../running/call.ts";

/**
 * How often it looks, in milliseconds. A call may last so much longer than its
 * limit, and hears so much later that nobody waits.
 */
const PERIOD = 10;

/** How long a call may take. */
export interface CallLimit {
  /** In milliseconds; 0 means no limit. */
  readonly ms: number;
  /** When it has moved by then, the time begins again. */
  readonly progress: Progress | undefined;
}

/** Calls that run. */
export class PendingCalls {
  readonly #calls: PendingCall[] = [];
  #timer: Disposable | undefined;

  /**
   * Waits for the result of `call`, but no longer than its limit without
   * progress. Then the call is aborted.
   *
   * @param startedAt On the clock of `performance`.
   * @throws A `DOMException` called `TimeoutError` when the time is over.
   */
  wait<T>(
    result: Promise<T>,
    call: Call,
    { ms, progress, startedAt }: CallLimit & { readonly startedAt: number },
  ): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const pending = new PendingCall(call, reject, { ms, progress, startedAt });
    pending.at = this.#calls.push(pending) - 1;
    this.#timer ??= timer(PERIOD, () => this.#look());
    result.then(
      (value) => {
        this.#remove(pending);
        resolve(value);
      },
      (thrown: unknown) => {
        this.#remove(pending);
        reject(thrown);
      },
    );
    return promise;
  }

  /** Ends the timer, and all calls: nobody watches them any more. */
  end(reason: unknown): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
    for (const pending of this.#calls.splice(0)) pending.end(reason);
  }

  #look(): void {
    this.#timer = undefined;
    const now = performance.now();
    // From the end: the last one takes the place of one that is over.
    for (const pending of this.#calls.toReversed()) {
      if (pending.look(now)) this.#remove(pending);
    }
    if (this.#calls.length === 0) return;
    this.#timer ??= timer(PERIOD, () => this.#look());
  }

  #remove(pending: PendingCall): void {
    if (this.#calls[pending.at] !== pending) return;
    const last = this.#calls.pop();
    if (last === undefined || last === pending) return;
    this.#calls[pending.at] = last;
    last.at = pending.at;
  }
}

class PendingCall {
  /** Its place in the list. */
  at = 0;
  readonly #call: Call;
  readonly #reject: (reason: unknown) => void;
  readonly #ms: number;
  readonly #progress: Progress | undefined;
  #due: number;
  #isWatching = false;

  constructor(
    call: Call,
    reject: (reason: unknown) => void,
    { ms, progress, startedAt }: CallLimit & { readonly startedAt: number },
  ) {
    this.#call = call;
    this.#reject = reject;
    this.#ms = ms;
    this.#progress = progress;
    this.#due = startedAt + ms;
  }

  end(reason: unknown): void {
    this.#reject(reason);
  }

  /** Whether the call is over, because its time is. */
  look(now: number): boolean {
    if (!this.#isWatching) {
      this.#isWatching = true;
      this.#call.listen();
    }
    if (this.#ms === 0 || now < this.#due) return false;
    if (this.#progress?.hasMoved()) {
      this.#due = now + this.#ms;
      return false;
    }
    this.#reject(new DOMException("The time is over", "TimeoutError"));
    this.#call.abort(
      new DOMException("The call takes too long", "TimeoutError"),
    );
    return true;
  }
}
