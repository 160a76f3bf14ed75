/*
 * Hot reload: a changed file is loaded beside the version in use, checked, and
 * replaces it between two requests. When loading fails, nothing changes.
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

/** The text of a file, if it can be read. */
type Content = string | undefined;

/** The plugins in use. They change with their files. */
export class Reloader implements AsyncDisposable {
  readonly #options: LoadOptions & PluginPaths;
  readonly #contents = new Map<string, Content>();
  readonly #ending = new Map<SupervisedPlugin, Promise<void>>();
  #current: PluginSet;
  #watcher: AsyncDisposable | undefined;

  constructor(first: PluginSet, options: LoadOptions & PluginPaths) {
    this.#current = first;
    this.#options = options;
  }

  /** The current plugins. */
  get current(): PluginSet {
    return this.#current;
  }

  /** Watches the files until it is disposed. */
  async watch(): Promise<void> {
    // Before the files are read, so that no change is missed meanwhile.
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

  /** @param isImported Whether the changed file is one that plugins may import. */
  async #refresh(isImported: boolean): Promise<void> {
    try {
      // Files that the user named are listed even while they do not exist.
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
      log.error("cannot look for plugins, the current ones keep running", {
        error,
      });
    }
  }

  /** The plugin of a file: the current one, or a new version. */
  async #next(
    file: PluginFile,
    old: PluginEntry | undefined,
    isImported: boolean,
  ): Promise<PluginEntry | undefined> {
    const content = await contentOf(file);
    // Editors empty or replace a file before they write it.
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
        ? "cannot load plugin, continuing without it"
        : "cannot reload plugin, the old version keeps running";
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
    } catch (error) {
      log.error("cannot use plugins, the current ones keep running", { error });
      await Promise.all(
        without(entries, before).map((plugin) => plugin.end()),
      );
      return;
    }
    const tunnel = this.#options.tunnel?.();
    if (tunnel !== undefined) {
      // It may have come while they were loaded.
      for (const plugin of without(entries, before)) plugin.know(tunnel);
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

  /** A file that is created again is a new one. */
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
    // Loading the file reports the error.
    return undefined;
  }
}
