/** When a message may be changed: while its hook runs. */
export class EditScope {
  #why: string | undefined;

  /** From now on, edits are an error with this reason. */
  close(why: string): void {
    this.#why ??= why;
  }

  /** @throws {TypeError} When the time for edits is over. */
  check(): void {
    if (this.#why !== undefined) throw new TypeError(this.#why);
  }
}
