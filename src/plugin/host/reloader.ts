/*
 * Hot reload: a changed file is loaded beside the version in use, checked, and
 * replaces it between two requests. So is a plugin whose configuration changes.
 * When loading fails, nothing changes.
 */
import { isDeepStrictEqual } from "node:util";
import { logger } from "../../log/log.ts";
import { AddedNames } from "./added_names.ts";
import { type PluginEntry, PluginSet } from "./plugin_set.ts";
import { type LoadOptions, loadPlugin } from "./load_plugin.ts";
import {
  checkRules,
  filePathOf,
  type FoundPackages,
  isSamePlugin,
  listPlugins,
  type PluginInstance,
  type PluginList,
} from "../loading/plugin_list.ts";
import { isPackage } from "../loading/npm_package.ts";
import { PluginError } from "../api/errors.ts";
import type { PluginUse } from "../api/plugin_use.ts";
import { contentOf, isBlank, PluginContents } from "./plugin_contents.ts";
import type { SupervisedPlugin } from "./supervised_plugin.ts";
import {
  ChangeQueue,
  type WatchedChange,
  watchPlugins,
} from "./watch_plugins.ts";

const log = logger("plugin");

/** What plugins are loaded with, and where that may change. */
export interface ReloadOptions extends LoadOptions, PluginList {
  /** The configuration file. When it changes, `reread` is called. */
  readonly configFile?: string | undefined;
  /** Reads the list of plugins again. It throws when the configuration is wrong. */
  readonly reread?: (() => Promise<PluginList>) | undefined;
  /** The packages that were found at the start. Others are not used later. */
  readonly packages?: FoundPackages | undefined;
}

/** The plugins in use. They change with their files and their configuration. */
export class Reloader implements AsyncDisposable {
  readonly #files = new PluginContents();
  readonly #ending = new Map<SupervisedPlugin, Promise<void>>();
  readonly #changes: ChangeQueue = new ChangeQueue((change) =>
    this.#handle(change)
  );
  #options: ReloadOptions;
  /** Those of the configuration. */
  #configured: readonly PluginEntry[];
  /** Those that the program has added. They come before the others, the newest first. */
  #added: readonly PluginEntry[] = [];
  readonly #names = new AddedNames();
  #current: PluginSet;
  #hasEnded = false;
  #isWatching = false;
  #watcher: AsyncDisposable | undefined;
  #config: string | undefined;

  constructor(first: PluginSet, options: ReloadOptions) {
    this.#current = first;
    this.#configured = first.entries;
    this.#options = options;
    this.#noteEnabled([], first.entries);
  }

  /** The current plugins. */
  get current(): PluginSet {
    return this.#current;
  }

  /** Watches the files until it is disposed. */
  async watch(): Promise<void> {
    this.#isWatching = true;
    // Before the files are read, so that no change is missed meanwhile.
    await this.#startWatcher();
    this.#config = await contentOf(this.#options.configFile);
    await this.#files.read(
      this.#current.entries.map(({ instance }) => instance),
    );
  }

  /** Reads the configuration again. Resolves when its plugins are in use, or the log says why not. */
  async reload(): Promise<void> {
    if (this.#hasEnded) return;
    this.#changes.add({ isForced: true });
    await this.#changes.done;
  }

  /**
   * Adds a plugin before all others, until the result is disposed.
   *
   * @throws {PluginError} When it cannot be loaded, or has the name of another.
   */
  async add(use: PluginUse): Promise<AsyncDisposable> {
    const taken = this.#current.entries.map(({ plugin }) => plugin.name);
    using named = this.#names.take(use, taken);
    const list = { ...this.#options, directories: [], plugins: [named.use] };
    const entries: PluginEntry[] = [];
    for (const instance of await listPlugins(list)) {
      const plugin = await loadPlugin(instance, this.#options);
      entries.push({ instance, plugin });
    }
    if (this.#hasEnded) {
      await Promise.all(entries.map(({ plugin }) => plugin.end()));
      throw new PluginError(
        "stopped",
        "Cannot add a plugin: the tunnel stops",
        {
          plugin: entries[0]?.plugin.name ?? "",
        },
      );
    }
    await this.#change(this.#configured, [...entries, ...this.#added]);
    return { [Symbol.asyncDispose]: () => this.#remove(entries) };
  }

  /** Ends what was added, now or when its last request has ended. */
  async #remove(entries: readonly PluginEntry[]): Promise<void> {
    if (
      this.#hasEnded || !entries.every((each) => this.#added.includes(each))
    ) {
      return;
    }
    const rest = this.#added.filter((each) => !entries.includes(each));
    await this.#change(this.#configured, rest);
    for (const { plugin } of entries) {
      if (!plugin.isUsed) await this.#ending.get(plugin);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#hasEnded = true;
    this.#isWatching = false;
    await this.#watcher?.[Symbol.asyncDispose]();
    await this.#changes.done;
    const { entries } = this.#current;
    for (const { plugin } of entries.toReversed()) await plugin.end();
    const ending = [...this.#ending];
    await Promise.all(ending.map(([plugin]) => plugin.end()));
    await Promise.all(ending.map(([, done]) => done));
  }

  async #handle(
    { isPlugin, isImported, isConfiguration, isForced }: WatchedChange,
  ): Promise<void> {
    if (isForced === true) await this.#reconfigure();
    else if (isConfiguration === true) await this.#reconfigureIfChanged();
    if (isPlugin === true || isImported === true) {
      await this.#refresh(isImported === true);
    }
  }

  /** @param isImported Whether a file has changed that plugins may import. */
  async #refresh(isImported: boolean): Promise<void> {
    try {
      // Files that the user named are listed even while they do not exist.
      const { packages } = this.#options;
      const instances = await listPlugins(this.#options, packages);
      if (isImported && instances.some(isTrusted)) {
        log.warn(
          "imported file changed, trusted plugins need a restart to see it",
        );
      }
      const states = await this.#files.read(instances);
      const before = this.#configured;
      const entries: PluginEntry[] = [];
      for (const instance of instances) {
        const old = before.find((each) =>
          isSamePlugin(each.instance, instance)
        );
        const isChanged = states.get(instance.path) === "changed" ||
          isImported && states.get(instance.path) === "same" &&
            !isTrusted(instance);
        const next = isChanged ? await this.#reloaded(instance, old) : old;
        if (next !== undefined) entries.push(next);
      }
      await this.#change(entries);
    } catch (error) {
      log.error("cannot use plugins, the current ones keep running", { error });
    }
  }

  /** The new version of a plugin, or the old one if that is broken. */
  async #reloaded(
    instance: PluginInstance,
    old: PluginEntry | undefined,
  ): Promise<PluginEntry | undefined> {
    const { file } = instance;
    try {
      const plugin = await loadPlugin(instance, this.#options);
      const what = old === undefined ? "plugin loaded" : "plugin reloaded";
      log.info(what, { plugin: plugin.name, file });
      return { instance, plugin };
    } catch (error) {
      const what = old === undefined
        ? "cannot load plugin, continuing without it"
        : "cannot reload plugin, the old version keeps running";
      log.error(what, { file, error });
      return old;
    }
  }

  async #reconfigureIfChanged(): Promise<void> {
    const content = await contentOf(this.#options.configFile);
    if (!isBlank(content) && content !== this.#config) {
      await this.#reconfigure();
    }
  }

  /** Takes the list of plugins again. All of it is used, or nothing. */
  async #reconfigure(): Promise<void> {
    const { reread, configFile } = this.#options;
    if (reread === undefined) return;
    this.#config = await contentOf(configFile);
    const fresh: PluginEntry[] = [];
    try {
      const options = { ...this.#options, ...await reread() };
      const entries = await this.#reconfigured(options, fresh);
      await this.#files.read(entries.map(({ instance }) => instance));
      await this.#change(entries);
      this.#options = options;
      await this.#startWatcher();
      log.info("configuration of plugins read again", {
        plugins: this.#current.entries.map(({ plugin }) => plugin.name),
      });
    } catch (error) {
      log.error(
        "cannot use the new configuration of plugins, the old one stays",
        { error },
      );
      await Promise.all(fresh.map(({ plugin }) => plugin.end()));
    }
  }

  /**
   * The plugins of a configuration: those in use if nothing about them has
   * changed, new ones otherwise.
   *
   * @param fresh Gets the new ones.
   */
  async #reconfigured(
    options: ReloadOptions,
    fresh: PluginEntry[],
  ): Promise<readonly PluginEntry[]> {
    const instances = await listPlugins(options, options.packages);
    checkRules(options.permissions ?? [], instances);
    const before = this.#configured;
    const entries: PluginEntry[] = [];
    for (const instance of instances) {
      const old = before.find((each) => isUnchanged(each.instance, instance));
      if (old === undefined) {
        const plugin = await loadPlugin(instance, options);
        fresh.push({ instance, plugin });
      }
      const entry = old ?? fresh.at(-1);
      if (entry !== undefined) entries.push(entry);
    }
    return entries;
  }

  /** @throws {PluginError} When two plugins have one name. The new ones are ended then. */
  async #change(
    configured: readonly PluginEntry[],
    added: readonly PluginEntry[] = this.#added,
  ): Promise<void> {
    const before = this.#current.entries;
    const entries = [...added, ...configured];
    const isSame = entries.length === before.length &&
      entries.every(({ plugin }, at) => plugin === before[at]?.plugin);
    if (isSame) return;
    try {
      this.#current = new PluginSet(entries);
    } catch (error) {
      await Promise.all(
        without(entries, before).map((plugin) => plugin.end()),
      );
      throw error;
    }
    const tunnel = this.#options.tunnel?.();
    if (tunnel !== undefined) {
      // It may have come while they were loaded.
      for (const plugin of without(entries, before)) plugin.know(tunnel);
    }
    this.#configured = configured;
    this.#added = added;
    for (const plugin of without(before, entries)) this.#discard(plugin);
    this.#noteEnabled(before, entries);
    log.info("plugins in use", {
      plugins: entries.map(({ plugin }) => plugin.name),
    });
  }

  #noteEnabled(
    before: readonly PluginEntry[],
    entries: readonly PluginEntry[],
  ): void {
    const { metrics } = this.#options;
    const names = entries.map(({ plugin }) => plugin.name);
    for (const name of names) metrics?.setEnabled(name, true);
    for (const { plugin: { name } } of before) {
      if (names.includes(name)) continue;
      metrics?.setEnabled(name, false);
      metrics?.setFailing(name, false);
    }
  }

  async #startWatcher(): Promise<void> {
    if (!this.#isWatching) return;
    const before = this.#watcher;
    const { directories = [], configFile } = this.#options;
    const files = (this.#options.plugins ?? []).flatMap(({ use }) =>
      (typeof use === "string" || use instanceof URL) && !isPackage(use)
        ? [filePathOf(use)]
        : []
    );
    this.#watcher = watchPlugins(
      { directories, files, configFile },
      (change) => this.#changes.add(change),
    );
    await before?.[Symbol.asyncDispose]();
  }

  #discard(plugin: SupervisedPlugin): void {
    this.#ending.set(plugin, this.#endThenForget(plugin));
  }

  async #endThenForget(plugin: SupervisedPlugin): Promise<void> {
    await plugin.endWhenUnused();
    this.#ending.delete(plugin);
  }
}

/** Modules of a worker go with it; those of this process stay. */
function isTrusted({ permissions }: PluginInstance): boolean {
  return permissions === "trusted";
}

/** Whether nothing is configured differently. */
function isUnchanged(a: PluginInstance, b: PluginInstance): boolean {
  return isDeepStrictEqual(
    { ...a, placeOf: undefined },
    { ...b, placeOf: undefined },
  );
}

/** Those of `entries` that are not in `others`. */
function without(
  entries: readonly PluginEntry[],
  others: readonly PluginEntry[],
): readonly SupervisedPlugin[] {
  const kept = new Set(others.map(({ plugin }) => plugin));
  return entries.map(({ plugin }) => plugin).filter((each) => !kept.has(each));
}
