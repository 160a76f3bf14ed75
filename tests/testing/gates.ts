/**
 * Gates that a test opens: how a test makes something late without a clock.
 *
 * @module
 */

/** Places where requests wait until the test says so. */
export class Gates {
  readonly #arrived = new Map<string, PromiseWithResolvers<void>>();
  readonly #opened = new Map<string, PromiseWithResolvers<void>>();

  /** Waits until the gate is opened, after telling that someone is there. */
  async pass(name: string): Promise<void> {
    gate(this.#arrived, name).resolve();
    await gate(this.#opened, name).promise;
  }

  /** Resolves when someone waits. */
  async held(name: string): Promise<void> {
    await gate(this.#arrived, name).promise;
  }

  /** Opens one gate. */
  open(name: string): void {
    gate(this.#opened, name).resolve();
  }

  /** Opens all gates. */
  openAll(): void {
    for (const { resolve } of this.#opened.values()) resolve();
  }
}

function gate(
  gates: Map<string, PromiseWithResolvers<void>>,
  name: string,
): PromiseWithResolvers<void> {
  const known = gates.get(name);
  if (known !== undefined) return known;
  const added = Promise.withResolvers<void>();
  gates.set(name, added);
  return added;
}
