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
  #uses = 0;

  /** @throws {PluginError} `notLoaded`, when two have the same name. */
  constructor(entries: readonly PluginEntry[]) {
    checkNames(entries);
    this.entries = entries;
    this.hooks = createHooks(entries.map(({ plugin }) => plugin));
  }

  /** Keeps the plugins running until the result is disposed. */
  hold(): Disposable {
    return new SetUse(this);
  }

  /** As `hold()`, until as many calls of `release()`. All uses count as one of each plugin. */
  use(): void {
    this.#uses += 1;
    if (this.#uses > 1) return;
    for (const { plugin } of this.entries) plugin.use();
  }

  /** Ends one use. */
  release(): void {
    this.#uses -= 1;
    if (this.#uses > 0) return;
    for (const { plugin } of this.entries) plugin.release();
  }
}

/** One use of a set. */
class SetUse implements Disposable {
  readonly #set: PluginSet;
  #isHeld = true;

  constructor(set: PluginSet) {
    this.#set = set;
    set.use();
  }

  [Symbol.dispose](): void {
    if (this.#isHeld) this.#set.release();
    this.#isHeld = false;
  }
}

/**
 * The exchanges that have begun, with the set that each keeps. A `Map` would
 * make what requests leave old (decision 34).
 */
export class BegunExchanges {
  readonly #uses: ExchangeUse[] = [];

  /** An exchange keeps `set` until the result is disposed. */
  begin(id: string, set: PluginSet): Disposable {
    const use = new ExchangeUse(id, set, this.#uses);
    this.#uses.push(use);
    return use;
  }

  /** The set of an exchange that has begun. It looks through all: few plugins ask. */
  get(id: string): PluginSet | undefined {
    return this.#uses.find((use) => use.id === id)?.set;
  }
}

class ExchangeUse implements Disposable {
  readonly id: string;
  readonly set: PluginSet;
  readonly #all: ExchangeUse[];
  #at: number;

  constructor(id: string, set: PluginSet, all: ExchangeUse[]) {
    this.id = id;
    this.set = set;
    this.#all = all;
    this.#at = all.length;
    set.use();
  }

  /** Once. The last one takes its place. */
  [Symbol.dispose](): void {
    const last = this.#all.pop();
    if (last !== undefined && last !== this) {
      this.#all[this.#at] = last;
      last.#at = this.#at;
    }
    this.set.release();
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
