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
    const leave = (): void => reject(signal.reason);
    this.#waiting.add(resolve);
    signal.addEventListener("abort", leave);
    try {
      await promise;
    } finally {
      this.#waiting.delete(resolve);
      signal.removeEventListener("abort", leave);
    }
    return this.#take();
  }

  #take(): Disposable {
    this.#taken += 1;
    let isTaken = true;
    return {
      [Symbol.dispose]: () => {
        if (!isTaken) return;
        isTaken = false;
        this.#taken -= 1;
        const [next] = this.#waiting;
        if (next === undefined) return;
        this.#waiting.delete(next);
        next();
      },
    };
  }
}
