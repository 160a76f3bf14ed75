/** Counts by key; a key whose count is 0 takes no memory. The caller bounds how many keys there are. */
export class KeyedCounter {
  readonly #counts = new Map<string, number>();

  /** The count of `key`. */
  of(key: string): number {
    return this.#counts.get(key) ?? 0;
  }

  /** Adds 1. */
  add(key: string): void {
    this.#counts.set(key, this.of(key) + 1);
  }

  /** Takes 1 away. */
  remove(key: string): void {
    const count = this.of(key) - 1;
    if (count > 0) this.#counts.set(key, count);
    else this.#counts.delete(key);
  }

  /** Adds 1 to each key until the result is disposed. */
  enter(...keys: readonly string[]): Disposable {
    for (const key of keys) this.add(key);
    return {
      [Symbol.dispose]: () => {
        for (const key of keys) this.remove(key);
      },
    };
  }
}
