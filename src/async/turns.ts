/**
 * Work that can wait, done piece by piece, so that what cannot wait is done in
 * between.
 */
import type { Clock } from "./clock.ts";

/** The share of one processor that the work takes in the long run: a fifth. */
const SHARE = 1 / 5;
/** Work at once before there is a rest, in milliseconds: the longest wait for other work. */
const BURST = 10;

/** Does pieces of work in the order of the calls, with rests. */
export class Turns {
  readonly #clock: Clock;
  readonly #waiting = new Set<{ readonly action: () => void }>();
  #rest: Disposable | undefined;
  /** Milliseconds of work that no rest has made up for. */
  #owed = 0;
  #countedAt = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Does `action`, which does not throw, when it is its turn, unless disposed before; now if it can be. */
  take(action: () => void): Disposable {
    const turn = { action };
    this.#waiting.add(turn);
    if (this.#rest === undefined) this.#run();
    return {
      [Symbol.dispose]: () => {
        this.#waiting.delete(turn);
        if (this.#waiting.size === 0) this.#endRest();
      },
    };
  }

  #run(): void {
    for (const turn of this.#waiting) {
      const start = this.#count();
      if (this.#owed >= BURST) return this.#takeRest();
      this.#waiting.delete(turn);
      turn.action();
      this.#owed += Math.max(0, this.#clock.now() - start);
    }
  }

  /** Takes off what was rested meanwhile. */
  #count(): number {
    const now = this.#clock.now();
    const rested = Math.max(0, now - this.#countedAt);
    this.#owed = Math.max(0, this.#owed - rested * SHARE);
    this.#countedAt = now;
    return now;
  }

  #takeRest(): void {
    this.#rest = this.#clock.timer(Math.ceil(this.#owed / SHARE), () => {
      this.#endRest();
      this.#run();
    });
  }

  #endRest(): void {
    this.#rest?.[Symbol.dispose]();
    this.#rest = undefined;
  }
}
