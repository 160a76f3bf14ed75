/**
 * A clock that stands still until a test turns it forward.
 *
 * @module
 */
import type { Clock } from "../../src/async/clock.ts";

interface Timer {
  readonly due: number;
  readonly action: () => void;
}

/** Starts at a whole second, so that seconds and milliseconds compare. */
export class ManualClock implements Clock {
  #now = 1_800_000_000_000;
  readonly #timers = new Set<Timer>();
  #isCalling = false;

  /** Timers that are neither due nor disposed. */
  get pending(): number {
    return this.#timers.size;
  }

  now(): number {
    return this.#now;
  }

  timer(ms: number, action: () => void): Disposable {
    const timer = { due: this.#now + ms, action };
    this.#timers.add(timer);
    return { [Symbol.dispose]: () => void this.#timers.delete(timer) };
  }

  /**
   * Turns the clock forward and calls what has become due. An action that does
   * so itself takes that long: nothing else is called before it has ended.
   */
  advance(ms: number): void {
    this.#now += ms;
    if (this.#isCalling) return;
    this.#isCalling = true;
    try {
      for (const timer of [...this.#timers]) {
        if (timer.due > this.#now || !this.#timers.delete(timer)) continue;
        timer.action();
      }
    } finally {
      this.#isCalling = false;
    }
  }
}
