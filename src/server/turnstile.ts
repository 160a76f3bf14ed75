/**
 * Lets only so many tasks run at the same time; the others wait in line.
 *
 * @module
 */

/** A line in front of a few lanes. Whoever calls bounds how many may wait. */
export class Turnstile {
  #freeLanes: number;
  readonly #waiting: (() => void)[] = [];

  /** @param lanes How many tasks may run at the same time. */
  constructor(lanes: number) {
    this.#freeLanes = lanes;
  }

  /** Runs `task` when its turn has come. */
  async run<Result>(task: () => Promise<Result>): Promise<Result> {
    await this.#enter();
    try {
      return await task();
    } finally {
      this.#leave();
    }
  }

  #enter(): Promise<void> {
    if (this.#freeLanes > 0) {
      this.#freeLanes -= 1;
      return Promise.resolve();
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.push(resolve);
    return promise;
  }

  #leave(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#freeLanes += 1;
  }
}
