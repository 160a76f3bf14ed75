/* Finds the plugin files of a folder. */
import { join } from "node:path";
import { PluginError } from "../api/errors.ts";

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
 * The plugin files of a folder, in their order. Names that begin with `_` or `.`
 * are for plugins to import. So are sub-folders.
 *
 * @throws {PluginError} `notLoaded`, when it cannot be read or has too many plugins.
 */
export async function filesIn(directory: string): Promise<readonly string[]> {
  const names = await namesIn(directory);
  // Sorted by code unit: the same order on every machine.
  return names.sort((a, b) => a < b ? -1 : 1)
    .map((name) => join(directory, name));
}

async function namesIn(directory: string): Promise<string[]> {
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
  return names;
}

function notRead(directory: string, reason: string, cause?: unknown): Error {
  return new PluginError(
    "notLoaded",
    `Cannot load plugins of "${directory}": ${reason}, choose another folder`,
    { plugin: directory, cause },
  );
}
