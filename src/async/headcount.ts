/**
 * How many of each there are at the moment.
 *
 * @module
 */

/** Counts those who are there by name. Whoever calls bounds how many there are. */
export class Headcount {
  readonly #counts = new Map<string, number>();

  /** How many of this name there are. */
  of(name: string): number {
    return this.#counts.get(name) ?? 0;
  }

  /** Counts one of each name until the result is disposed. */
  enter(...names: readonly string[]): Disposable {
    for (const name of names) this.#change(name, 1);
    return {
      [Symbol.dispose]: () => {
        for (const name of names) this.#change(name, -1);
      },
    };
  }

  #change(name: string, by: number): void {
    const count = this.of(name) + by;
    if (count > 0) this.#counts.set(name, count);
    else this.#counts.delete(name);
  }
}
