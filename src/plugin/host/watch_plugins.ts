/*
 * Watches the files of plugins. Many events at once are one change. Changes
 * during the handling of a change are handled afterwards.
 */
import { basename, dirname, resolve, sep } from "node:path";
import { isPluginName, type PluginPaths } from "../loading/plugin_files.ts";

/** Events that count. Reading a file is also an event: it would cause endless reloads. */
const CHANGES: ReadonlySet<string> = new Set([
  "create",
  "modify",
  "rename",
  "remove",
]);

/** Files that plugins can import. */
const IS_IMPORTED = /\.(?:[mc]?[jt]s|json)$/;

/** Handles a change. */
export type OnChange = (isImported: boolean) => Promise<void>;

/**
 * Watches the folders of plugins with their sub-folders, and the folders of
 * single files. Disposing waits until the last change is handled.
 *
 * @param onChange Called with whether the file is one that plugins may import. Must not throw.
 */
export function watchPlugins(
  { directories = [], files = [] }: PluginPaths,
  onChange: OnChange,
): AsyncDisposable {
  const folders = directories.map((directory) => resolve(directory));
  const single = files.map((file) => resolve(file));
  const changes = new ChangeQueue(onChange);
  const watchers: Deno.FsWatcher[] = [];
  if (folders.length > 0) watchers.push(Deno.watchFs(folders));
  if (single.length > 0) {
    const parents = [...new Set(single.map((file) => dirname(file)))];
    watchers.push(Deno.watchFs(parents, { recursive: false }));
  }
  const loops = watchers.map((watcher) => forEachChange(watcher, report));
  return {
    async [Symbol.asyncDispose]() {
      for (const watcher of watchers) watcher.close();
      await Promise.all(loops);
      await changes.done;
    },
  };

  function report(path: string): void {
    const isPlugin = single.includes(path) ||
      folders.includes(dirname(path)) && isPluginName(basename(path));
    if (isPlugin) return changes.add(false);
    const isInside = folders.some((folder) => path.startsWith(folder + sep));
    if (isInside && IS_IMPORTED.test(path)) changes.add(true);
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
class ChangeQueue {
  readonly #onChange: OnChange;
  #done: Promise<void> = Promise.resolve();
  #isBusy = false;
  #isDue = false;
  #isImported = false;

  constructor(onChange: OnChange) {
    this.#onChange = onChange;
  }

  /** Resolves when all changes are handled. */
  get done(): Promise<void> {
    return this.#done;
  }

  add(isImported: boolean): void {
    this.#isDue = true;
    this.#isImported ||= isImported;
    if (!this.#isBusy) this.#done = this.#run();
  }

  async #run(): Promise<void> {
    this.#isBusy = true;
    // Events that the system reports together are one change.
    await Promise.resolve();
    while (this.#isDue) {
      const isImported = this.#isImported;
      this.#isDue = false;
      this.#isImported = false;
      await this.#onChange(isImported);
    }
    this.#isBusy = false;
  }
}
