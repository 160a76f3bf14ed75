import type { PluginUse } from "../api/plugin_use.ts";

/** A use that has a name, which is taken until it is disposed. */
export interface NamedUse extends Disposable {
  readonly use: PluginUse;
}

/**
 * Names for plugins that a program adds without one: `added-1`, `added-2`. They
 * are used again, so that metrics do not grow with the tests of a long run.
 */
export class AddedNames {
  /** Those of plugins that are being loaded. */
  readonly #reserved = new Set<string>();

  /**
   * The use with a name, if it would have none.
   *
   * @param taken The names of the plugins in use.
   */
  take(use: PluginUse, taken: readonly string[]): NamedUse {
    if (hasName(use)) return { use, [Symbol.dispose]() {} };
    let number = 1;
    const isTaken = (name: string): boolean =>
      taken.includes(name) || this.#reserved.has(name);
    while (isTaken(`added-${number}`)) number += 1;
    const name = `added-${number}`;
    this.#reserved.add(name);
    return {
      use: { ...use, name },
      [Symbol.dispose]: () => void this.#reserved.delete(name),
    };
  }
}

/** A file has one, too. */
function hasName({ name, use }: PluginUse): boolean {
  return name !== undefined || typeof use === "string" || use instanceof URL ||
    use.name !== undefined;
}
