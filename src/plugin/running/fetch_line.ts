/* The line in which the requests of one plugin wait. */
/** Requests of one plugin that have no whole response yet. Others wait: sites and memory are not for one plugin alone. */
export const MAX_FETCHES = 64;

/** The line of one plugin. */
export class FetchLine {
  readonly #waiting = new Set<() => void>();
  #taken = 0;

  /** Waits for a place; disposing it lets the next one in. */
  async enter(signal: AbortSignal): Promise<Disposable> {
    signal.throwIfAborted();
    if (this.#taken < MAX_FETCHES) return this.#take();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const leave = (): void => {
      // At once: a place that comes back now is not for it.
      this.#waiting.delete(resolve);
      reject(signal.reason);
    };
    this.#waiting.add(resolve);
    signal.addEventListener("abort", leave);
    try {
      await promise;
    } finally {
      signal.removeEventListener("abort", leave);
    }
    return this.#place();
  }

  #take(): Disposable {
    this.#taken += 1;
    return this.#place();
  }

  /** A place that is taken. It goes straight to the next in line: nobody gets past. */
  #place(): Disposable {
    let isTaken = true;
    return {
      [Symbol.dispose]: () => {
        if (!isTaken) return;
        isTaken = false;
        const [next] = this.#waiting;
        if (next === undefined) {
          this.#taken -= 1;
          return;
        }
        this.#waiting.delete(next);
        next();
      },
    };
  }
}
