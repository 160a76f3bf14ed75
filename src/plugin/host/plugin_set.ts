import { createHooks, type Hooks } from "./chain.ts";
import { PluginError } from "../api/errors.ts";
import type { PluginInstance } from "../loading/plugin_list.ts";
import type { SupervisedPlugin } from "./supervised_plugin.ts";

/** A plugin, and what is configured about it. */
export interface PluginEntry {
  readonly instance: PluginInstance;
  readonly plugin: SupervisedPlugin;
}

/**
 * The plugins that are in use at one moment, in order, and their hooks. An
 * exchange keeps its set until its end, even if a file changes meanwhile.
 */
export class PluginSet {
  /** In order. */
  readonly entries: readonly PluginEntry[];
  /** All hooks together. Callers `hold()` the set first. */
  readonly hooks: Hooks;

  /** @throws {PluginError} `notLoaded`, when two have the same name. */
  constructor(entries: readonly PluginEntry[]) {
    checkNames(entries);
    this.entries = entries;
    this.hooks = createHooks(entries.map(({ plugin }) => plugin));
  }

  /** Keeps the plugins running until the result is disposed. Nothing is made for each of them: most requests need none. */
  hold(): Disposable {
    for (const { plugin } of this.entries) plugin.use();
    let isHeld = true;
    return {
      [Symbol.dispose]: () => {
        if (!isHeld) return;
        isHeld = false;
        for (const { plugin } of this.entries) plugin.release();
      },
    };
  }
}

/** Metrics and log lines use names as keys. */
function checkNames(entries: readonly PluginEntry[]): void {
  const files = new Map<string, string>();
  for (const { instance: { file }, plugin: { name } } of entries) {
    const other = files.get(name);
    if (other !== undefined) {
      throw new PluginError(
        "notLoaded",
        `Cannot load plugin "${file}": "${other}" also has the name "${name}", ` +
          'give one of them another with "name" in the list of plugins',
        { plugin: file },
      );
    }
    files.set(name, file);
  }
}
