/* Finds plugin files, in their order. */
import { basename, join, resolve } from "node:path";
import { PluginError } from "../api/errors.ts";

/** Where plugins are. */
export interface PluginPaths {
  /** Folders. Their plugins come first, sorted by file name in each. */
  readonly directories?: readonly string[];
  /** Single files. They come after the folders, in this order. */
  readonly files?: readonly string[];
}

/** A file that should contain a plugin. */
export interface PluginFile {
  /** The path as the user wrote it, for messages. */
  readonly file: string;
  /** The absolute path. */
  readonly path: string;
  /** The file name without extension. Permission rules use it. */
  readonly stem: string;
  /** Whether the user named the file itself, and not only its folder. */
  readonly isNamed: boolean;
}

/** TypeScript and JavaScript, without types, tests, and files for others to import. */
const IS_PLUGIN = /^[^._][^/]*\.[mc]?[jt]s$/;
const IS_OTHER = /(?:\.d\.[mc]?ts|[._]test\.[mc]?[jt]s)$/;

/** Plugins of one folder. `--plugin-dir /` must not load all files of a machine. */
const MAX_FILES = 200;

/** Whether the name of a file in a plugin folder is that of a plugin. */
export function isPluginName(name: string): boolean {
  return IS_PLUGIN.test(name) && !IS_OTHER.test(name);
}

/**
 * Lists the plugin files. In a folder, names that begin with `_` or `.` are for
 * plugins to import. So are sub-folders.
 *
 * @throws {PluginError} `notLoaded`, when a folder cannot be read or has too many plugins.
 */
export async function findPlugins(
  { directories = [], files = [] }: PluginPaths,
): Promise<readonly PluginFile[]> {
  const found: PluginFile[] = [];
  for (const directory of directories) {
    for (const name of await namesIn(directory)) {
      found.push(fileOf(join(directory, name), false));
    }
  }
  for (const file of files) found.push(fileOf(file, true));
  return found.filter(({ path }, at) =>
    found.findIndex((other) => other.path === path) === at
  );
}

function fileOf(file: string, isNamed: boolean): PluginFile {
  const stem = basename(file).replace(/\.[mc]?[jt]s$/, "");
  return { file, path: resolve(file), stem, isNamed };
}

async function namesIn(directory: string): Promise<readonly string[]> {
  const names: string[] = [];
  try {
    for await (const entry of Deno.readDir(directory)) {
      if (!entry.isDirectory && isPluginName(entry.name)) {
        names.push(entry.name);
      }
    }
  } catch (cause) {
    throw notRead(directory, "it is not a readable folder", cause);
  }
  if (names.length > MAX_FILES) {
    throw notRead(directory, `it has more than ${MAX_FILES} plugins`);
  }
  // Sorted by code unit: the same order on every machine.
  return names.sort((a, b) => a < b ? -1 : 1);
}

function notRead(directory: string, reason: string, cause?: unknown): Error {
  return new PluginError(
    "notLoaded",
    `Cannot load plugins of "${directory}": ${reason}, choose another folder`,
    { plugin: directory, cause },
  );
}
