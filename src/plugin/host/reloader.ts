/**
 * Hot reload: a file that changes is loaded beside the version in use, checked,
 * and takes its place between two exchanges. What cannot be loaded leaves
 * everything as it was.
 *
 * @module
 */
import { logger } from "../../log/log.ts";
import { type PluginEntry, PluginSet } from "./plugin_set.ts";
import { type LoadOptions, loadPlugin } from "./load_plugin.ts";
import {
  findPlugins,
  type PluginFile,
  type PluginPaths,
} from "../loading/plugin_files.ts";
import { permissionsOf } from "../api/permissions.ts";
import type { SupervisedPlugin } from "./supervised_plugin.ts";
import { watchPlugins } from "./watch_plugins.ts";

const log = logger("plugin");

/** What is known of a file. */
type Content = string | undefined;

/** The plugins in use, which change with their files. */
export class Reloader implements AsyncDisposable {
  readonly #options: LoadOptions & PluginPaths;
  readonly #contents = new Map<string, Content>();
  readonly #ending = new Map<SupervisedPlugin, Promise<void>>();
  #current: PluginSet;
  #version = 0;
  #watcher: AsyncDisposable | undefined;

  constructor(first: PluginSet, options: LoadOptions & PluginPaths) {
    this.#current = first;
    this.#options = options;
  }

  /** The plugins of now. */
  get current(): PluginSet {
    return this.#current;
  }

  /** How often they have changed. */
  get version(): number {
    return this.#version;
  }

  /** Watches the files until it is disposed. */
  async watch(): Promise<void> {
    // First, so that nothing that happens while the files are read is missed.
    const watcher = watchPlugins(
      this.#options,
      (isImported) => this.#refresh(isImported),
    );
    this.#watcher = watcher;
    for (const { file } of this.#current.entries) {
      this.#contents.set(file.path, await contentOf(file));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#watcher?.[Symbol.asyncDispose]();
    const { entries } = this.#current;
    for (const { plugin } of entries.toReversed()) await plugin.end();
    const ending = [...this.#ending];
    await Promise.all(ending.map(([plugin]) => plugin.end()));
    await Promise.all(ending.map(([, done]) => done));
  }

  /** @param isImported Whether a file has changed that plugins may import. */
  async #refresh(isImported: boolean): Promise<void> {
    try {
      // Files that the user named are listed even if they are away for a moment.
      const files = await findPlugins(this.#options);
      this.#forgetAllBut(files);
      if (isImported && files.some((file) => this.#isTrusted(file))) {
        log.warn(
          "imported file changed, trusted plugins need a restart to see it",
        );
      }
      const before = this.#current.entries;
      const entries: PluginEntry[] = [];
      for (const file of files) {
        const old = before.find((each) => each.file.path === file.path);
        const next = await this.#next(file, old, isImported);
        if (next !== undefined) entries.push(next);
      }
      await this.#change(entries);
    } catch (error) {
      log.error("cannot look for plugins, those before keep running", {
        error,
      });
    }
  }

  /** The plugin of a file: as before, or a new version of it. */
  async #next(
    file: PluginFile,
    old: PluginEntry | undefined,
    isImported: boolean,
  ): Promise<PluginEntry | undefined> {
    const content = await contentOf(file);
    // Editors empty a file, or put another in its place, before they write it.
    if (content === undefined || content.trim() === "") return old;
    const isStale = isImported && !this.#isTrusted(file);
    if (content === this.#contents.get(file.path) && !isStale) return old;
    this.#contents.set(file.path, content);
    try {
      const plugin = await loadPlugin(file, this.#options);
      const what = old === undefined ? "plugin loaded" : "plugin reloaded";
      log.info(what, { plugin: plugin.name, file: file.file });
      return { file, plugin };
    } catch (error) {
      const what = old === undefined
        ? "cannot load plugin, going on without it"
        : "cannot reload plugin, the version before keeps running";
      log.error(what, { file: file.file, error });
      return old;
    }
  }

  async #change(entries: readonly PluginEntry[]): Promise<void> {
    const before = this.#current.entries;
    const isSame = entries.length === before.length &&
      entries.every(({ plugin }, at) => plugin === before[at]?.plugin);
    if (isSame) return;
    try {
      this.#current = new PluginSet(entries);
      this.#version += 1;
    } catch (error) {
      log.error("cannot use plugins, those before keep running", { error });
      await Promise.all(
        without(entries, before).map((plugin) => plugin.end()),
      );
      return;
    }
    for (const plugin of without(before, entries)) this.#discard(plugin);
    log.info("plugins in use", {
      plugins: entries.map(({ plugin }) => plugin.name),
    });
  }

  /** Modules of a worker go with it; those of this process stay. */
  #isTrusted({ stem }: PluginFile): boolean {
    return permissionsOf(stem, this.#options.permissions ?? []) === "trusted";
  }

  /** A file that comes back is a new one. */
  #forgetAllBut(files: readonly PluginFile[]): void {
    const paths = new Set(files.map(({ path }) => path));
    for (const path of this.#contents.keys()) {
      if (!paths.has(path)) this.#contents.delete(path);
    }
  }

  #discard(plugin: SupervisedPlugin): void {
    this.#ending.set(plugin, this.#endThenForget(plugin));
  }

  async #endThenForget(plugin: SupervisedPlugin): Promise<void> {
    await plugin.endWhenUnused();
    this.#ending.delete(plugin);
  }
}

/** Those of `entries` that are not in `others`. */
function without(
  entries: readonly PluginEntry[],
  others: readonly PluginEntry[],
): readonly SupervisedPlugin[] {
  const kept = new Set(others.map(({ plugin }) => plugin));
  return entries.map(({ plugin }) => plugin).filter((each) => !kept.has(each));
}

async function contentOf({ path }: PluginFile): Promise<Content> {
  try {
    return await Deno.readTextFile(path);
  } catch {
    // It is away, or not to be read: whoever loads it says so.
    return undefined;
  }
}
