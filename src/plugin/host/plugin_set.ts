/**
 * The plugins of one moment. An exchange keeps those that it began with, even
 * if a file changes in between.
 *
 * @module
 */
import { createHooks, type Hooks } from "./chain.ts";
import { PluginError } from "../api/errors.ts";
import type { PluginFile } from "../loading/plugin_files.ts";
import type { SupervisedPlugin } from "./supervised_plugin.ts";

/** A plugin and the file it comes from. */
export interface PluginEntry {
  readonly file: PluginFile;
  readonly plugin: SupervisedPlugin;
}

/** Plugins in their order, and what they do together. */
export class PluginSet {
  /** In order. */
  readonly entries: readonly PluginEntry[];
  /** For looking whether there are any; who calls them holds them first. */
  readonly hooks: Hooks;

  /** @throws {PluginError} `notLoaded`, when two have the same name. */
  constructor(entries: readonly PluginEntry[]) {
    checkNames(entries);
    this.entries = entries;
    this.hooks = createHooks(entries.map(({ plugin }) => plugin));
  }

  /** Keeps the plugins running until the result is disposed. */
  hold(): Disposable {
    const uses = this.entries.map(({ plugin }) => plugin.hold());
    return {
      [Symbol.dispose]() {
        for (const use of uses) use[Symbol.dispose]();
      },
    };
  }
}

/** Options, metrics and log lines go by name. */
function checkNames(entries: readonly PluginEntry[]): void {
  const files = new Map<string, string>();
  for (const { file: { file }, plugin: { name } } of entries) {
    const other = files.get(name);
    if (other !== undefined) {
      throw new PluginError(
        "notLoaded",
        `Cannot load plugin "${file}": "${other}" has the name "${name}" too, ` +
          "give it another",
        { plugin: file },
      );
    }
    files.set(name, file);
  }
}
