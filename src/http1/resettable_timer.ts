import { timer } from "../async/timer.ts";

/**
 * A timer that is cheap to move: calls its action when the latest time is over.
 *
 * A connection moves its limit with every request. That only changes a number
 * here. The runtime's timer is touched when it fires, or if it would fire too
 * late.
 */
export class ResettableTimer implements Disposable {
  readonly #action: () => void;
  #due = Infinity;
  #timer: Disposable | undefined;
  #timerDue = Infinity;

  constructor(action: () => void) {
    this.#action = action;
  }

  /** Calls the action in `ms` milliseconds, and not before. */
  set(ms: number): void {
    this.#due = Date.now() + ms;
    if (this.#timerDue <= this.#due) return;
    this.#timer?.[Symbol.dispose]();
    this.#schedule(ms);
  }

  /** Stops the timer until `set` is called. */
  clear(): void {
    this.#due = Infinity;
  }

  [Symbol.dispose](): void {
    this.#due = Infinity;
    this.#timerDue = Infinity;
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
  }

  #schedule(ms: number): void {
    this.#timerDue = Date.now() + ms;
    this.#timer = timer(ms, () => this.#fire());
  }

  #fire(): void {
    this.#timer = undefined;
    this.#timerDue = Infinity;
    if (this.#due === Infinity) return;
    const left = this.#due - Date.now();
    if (left > 0) return this.#schedule(left);
    this.#due = Infinity;
    this.#action();
  }
}
