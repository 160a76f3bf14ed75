/*
 * Watches the files of plugins and their configuration. Many events at once are
 * one change. Changes during the handling of a change are handled afterwards.
 */
import { basename, dirname, resolve, sep } from "node:path";
import { isPluginName } from "../loading/plugin_files.ts";

/** Events that count. Reading a file is also an event: it would cause endless reloads. */
const CHANGES: ReadonlySet<string> = new Set([
  "create",
  "modify",
  "rename",
  "remove",
]);

/** Files that plugins can import. */
const IS_IMPORTED = /\.(?:[mc]?[jt]s|json)$/;

/** What has changed. */
export interface WatchedChange {
  /** The file of a plugin. */
  readonly isPlugin?: boolean;
  /** A file that plugins may import. */
  readonly isImported?: boolean;
  /** The configuration file. */
  readonly isConfiguration?: boolean;
  /** Nothing that is known of: somebody wants the configuration to be read again. */
  readonly isForced?: boolean;
}

/** What to watch. */
export interface WatchedPaths {
  /** Folders of plugins, with their sub-folders. */
  readonly directories: readonly string[];
  /** Single files of plugins. */
  readonly files: readonly string[];
  /** The configuration file, if there is one. */
  readonly configFile: string | undefined;
}

/**
 * Watches the folders of plugins with their sub-folders, and the folders of
 * single files, until it is disposed.
 *
 * @param onChange Must not throw.
 */
export function watchPlugins(
  { directories, files, configFile }: WatchedPaths,
  onChange: (change: WatchedChange) => void,
): AsyncDisposable {
  const folders = directories.map((directory) => resolve(directory));
  const single = files.map((file) => resolve(file));
  const config = configFile === undefined ? undefined : resolve(configFile);
  const watchers: Deno.FsWatcher[] = [];
  if (folders.length > 0) watchers.push(Deno.watchFs(folders));
  const named = config === undefined ? single : [...single, config];
  if (named.length > 0) {
    const parents = [...new Set(named.map((file) => dirname(file)))];
    watchers.push(Deno.watchFs(parents, { recursive: false }));
  }
  const loops = watchers.map((watcher) => forEachChange(watcher, report));
  return {
    async [Symbol.asyncDispose]() {
      for (const watcher of watchers) watcher.close();
      await Promise.all(loops);
    },
  };

  function report(path: string): void {
    if (isConfiguration(path)) return onChange({ isConfiguration: true });
    const isPlugin = single.includes(path) ||
      folders.includes(dirname(path)) && isPluginName(basename(path));
    if (isPlugin) return onChange({ isPlugin });
    const isInside = folders.some((folder) => path.startsWith(folder + sep));
    if (isInside && IS_IMPORTED.test(path)) onChange({ isImported: true });
  }

  /** Kubernetes replaces the link `..data` beside a file. */
  function isConfiguration(path: string): boolean {
    if (config === undefined) return false;
    return path === config ||
      dirname(path) === dirname(config) && basename(path) === "..data";
  }
}

async function forEachChange(
  watcher: Deno.FsWatcher,
  report: (path: string) => void,
): Promise<void> {
  for await (const { kind, paths } of watcher) {
    if (!CHANGES.has(kind)) continue;
    for (const path of paths) report(path);
  }
}

/** Handles one change at a time. */
export class ChangeQueue {
  readonly #onChange: (change: WatchedChange) => Promise<void>;
  #done: Promise<void> = Promise.resolve();
  #isBusy = false;
  #due: WatchedChange | undefined;

  /** @param onChange Must not throw. */
  constructor(onChange: (change: WatchedChange) => Promise<void>) {
    this.#onChange = onChange;
  }

  /** Resolves when all changes are handled. */
  get done(): Promise<void> {
    return this.#done;
  }

  /** Adds a change. It is one with others that wait. */
  add(change: WatchedChange): void {
    this.#due = { ...this.#due, ...change };
    if (!this.#isBusy) this.#done = this.#run();
  }

  async #run(): Promise<void> {
    this.#isBusy = true;
    // Events that the system reports together are one change.
    await Promise.resolve();
    while (this.#due !== undefined) {
      const change = this.#due;
      this.#due = undefined;
      await this.#onChange(change);
    }
    this.#isBusy = false;
  }
}
