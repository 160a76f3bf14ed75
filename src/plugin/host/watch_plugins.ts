/*
 * Watches the files of plugins and their configuration. Many events at once are
 * one change. Changes during the handling of a change are handled afterwards.
 */
import { basename, dirname, join, resolve, sep } from "node:path";
import { logger } from "../../log/log.ts";
import { pathKey } from "../../platform/paths.ts";
import { SYSTEM } from "../../platform/system.ts";
import { isPluginName } from "../loading/plugin_files.ts";

const log = logger("plugin");

/** Events that count. Reading a file is also an event: it would cause endless reloads. */
const CHANGES: ReadonlySet<string> = new Set([
  "any",
  "create",
  "modify",
  "rename",
  "remove",
]);

/** What the system says about files. */
export interface WatchPlatform {
  /** As `Deno.watchFs`. */
  watch(
    paths: string[],
    options?: { readonly recursive: boolean },
  ): FileEvents;
  /** As `Deno.realPathSync`. */
  realPath(path: string): string;
  /** As in `System`. */
  readonly foldsCase: boolean;
}

/** Events until it is closed. */
export interface FileEvents
  extends AsyncIterable<Pick<Deno.FsEvent, "kind" | "paths" | "flag">> {
  close(): void;
}

const PLATFORM: WatchPlatform = {
  watch: (paths, options) => Deno.watchFs(paths, options),
  realPath: (path) => Deno.realPathSync(path),
  foldsCase: SYSTEM.foldsCase,
};

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
  paths: WatchedPaths,
  onChange: (change: WatchedChange) => void,
  platform: WatchPlatform = PLATFORM,
): AsyncDisposable {
  const directories = paths.directories.map((each) => resolve(each));
  const { configFile } = paths;
  const named = [
    ...paths.files,
    ...configFile === undefined ? [] : [configFile],
  ]
    .map((each) => resolve(each));
  const watchers: FileEvents[] = [];
  if (directories.length > 0) watchers.push(platform.watch(directories));
  if (named.length > 0) {
    const parents = [...new Set(named.map((file) => dirname(file)))];
    watchers.push(platform.watch(parents, { recursive: false }));
  }
  const changeOf = classifier(paths, platform);
  const loops = watchers.map((watcher) =>
    forEachChange(watcher, (path) => {
      const change = path === undefined ? ANYTHING : changeOf(path);
      if (change !== undefined) onChange(change);
    })
  );
  return {
    async [Symbol.asyncDispose]() {
      for (const watcher of watchers) watcher.close();
      await Promise.all(loops);
    },
  };
}

/** The system has lost count of what has changed. */
const ANYTHING: WatchedChange = {
  isPlugin: true,
  isImported: true,
  isConfiguration: true,
};

/**
 * Says what the path of an event is. Systems name a file as the user wrote it
 * or by its real path: on macOS `/tmp/a` is `/private/tmp/a`. Both are known.
 */
function classifier(
  { directories, files, configFile }: WatchedPaths,
  platform: WatchPlatform,
): (path: string) => WatchedChange | undefined {
  const key = (path: string) => pathKey(path, platform);
  const both = (path: string) => [key(path), key(realOf(path, platform))];
  const inBoth = (file: string) =>
    both(dirname(file)).map((folder) => join(folder, key(basename(file))));
  const folders = directories.flatMap((each) => both(resolve(each)));
  const single = new Set(files.flatMap((each) => inBoth(resolve(each))));
  const configs = new Set(
    configFile === undefined ? [] : inBoth(resolve(configFile)),
  );
  // Kubernetes replaces the link `..data` beside a file.
  for (const config of [...configs]) {
    configs.add(join(dirname(config), "..data"));
  }
  return function changeOf(path) {
    const own = key(path);
    if (configs.has(own)) return { isConfiguration: true };
    const isPlugin = single.has(own) ||
      folders.includes(dirname(own)) && isPluginName(basename(path));
    if (isPlugin) return { isPlugin };
    const isInside = folders.some((folder) => own.startsWith(folder + sep));
    return isInside && IS_IMPORTED.test(own) ? { isImported: true } : undefined;
  };
}

/** The real path, or the same one where nothing is there yet. */
function realOf(path: string, { realPath }: WatchPlatform): string {
  try {
    return realPath(path);
  } catch {
    return path;
  }
}

/** @param report Gets `undefined` when anything may have changed. */
async function forEachChange(
  watcher: FileEvents,
  report: (path: string | undefined) => void,
): Promise<void> {
  try {
    for await (const { kind, paths, flag } of watcher) {
      if (flag === "rescan") report(undefined);
      else if (CHANGES.has(kind)) { for (const path of paths) report(path); }
    }
  } catch (error) {
    log.error("plugin files are not watched any more, restart to see changes", {
      error,
    });
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
