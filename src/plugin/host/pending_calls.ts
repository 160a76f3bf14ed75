/*
 * The calls of a plugin that have not ended. One timer watches all of them:
 * most end before it looks, and so cost neither a timer nor a listener. Calls
 * that stay for long, such as endless responses, do not wake it up.
 */
import { timer } from "../../async/timer.ts";
import type { Progress } from "../results/hooked_content.ts";
import type { Call } from "../running/call.ts";

/**
 * When it first looks at a call, in milliseconds. A call may last so much longer
 * than its limit, and hears so much later that nobody waits.
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
  /** Whether the timer looks within a period. */
  #isSoon = false;

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
    if (!this.#isSoon) this.#lookIn(PERIOD);
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
    this.#isSoon = false;
    for (const pending of this.#calls.splice(0)) pending.end(reason);
  }

  #lookIn(ms: number): void {
    this.#timer?.[Symbol.dispose]();
    this.#isSoon = ms <= PERIOD;
    this.#timer = timer(ms, () => this.#look());
  }

  /** Those that have been seen are looked at again when the first of them is due. */
  #look(): void {
    this.#isSoon = false;
    const now = performance.now();
    let next = Infinity;
    // From the end: the last one takes the place of one that is over.
    for (const pending of this.#calls.toReversed()) {
      if (pending.look(now)) this.#remove(pending);
      else next = Math.min(next, pending.due);
    }
    if (next < Infinity) this.#lookIn(Math.max(PERIOD, next - now));
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
  /** When its time is over, on the clock of `performance`; never without a limit. */
  due: number;
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
    this.due = ms === 0 ? Infinity : startedAt + ms;
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
    if (now < this.due) return false;
    if (this.#progress?.hasMoved()) {
      this.due = now + this.#ms;
      return false;
    }
    this.#reject(new DOMException("The time is over", "TimeoutError"));
    this.#call.abort(
      new DOMException("The call takes too long", "TimeoutError"),
    );
    return true;
  }
}
