/** A source of changes of one kind. */
export interface ChangeFeed<Change> {
  /**
   * Calls `listener` on every change, in order, until the result is disposed.
   * A listener returns at once and does not throw.
   */
  subscribe(listener: (change: Change) => void): Disposable;
}

/** A feed together with the means to publish on it. */
export class ChangeEmitter<Change> implements ChangeFeed<Change> {
  readonly #listeners = new Set<{ readonly call: (change: Change) => void }>();

  /** Hands `change` to all who are subscribed now. */
  publish(change: Change): void {
    for (const listener of [...this.#listeners]) listener.call(change);
  }

  subscribe(listener: (change: Change) => void): Disposable {
    // An object of its own, so that one function may subscribe twice.
    const entry = { call: listener };
    this.#listeners.add(entry);
    return { [Symbol.dispose]: () => void this.#listeners.delete(entry) };
  }
}
