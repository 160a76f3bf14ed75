/**
 * A clock that goes when it is told to.
 *
 * @module
 */
import type { Clock } from "../../src/http2/clock.ts";

/** Time that passes by `pass` only. */
export class HandClock implements Clock {
  readonly #alarms = new Set<{ readonly at: number; action(): void }>();
  #now = 0;

  /** Alarms that are set. */
  get pending(): number {
    return this.#alarms.size;
  }

  now(): number {
    return this.#now;
  }

  after(delay: number, action: () => void): Disposable {
    const alarm = { at: this.#now + delay, action };
    this.#alarms.add(alarm);
    return { [Symbol.dispose]: () => void this.#alarms.delete(alarm) };
  }

  /** Lets `ms` milliseconds pass. */
  pass(ms: number): void {
    this.#now += ms;
    for (const alarm of [...this.#alarms]) {
      if (alarm.at > this.#now) continue;
      this.#alarms.delete(alarm);
      alarm.action();
    }
  }
}
