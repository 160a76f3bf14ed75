import type { PluginSettings } from "../../client/options.ts";
import type { PluginConfig } from "../../config/options/plugin_config.ts";

/** The default folder of plugins, in the working directory. */
export const PLUGIN_FOLDER = "plugins";

/** The value of `--plugin-dir` for no folder. */
const NO_FOLDER = "none";

/** The examples beside the source. They are for copying and are not loaded by default. */
const EXAMPLES = new URL("../../../plugins", import.meta.url);

/** The plugin settings of a configuration. */
export async function pluginSettings(
  { pluginDir, plugin, pluginPermissions, plugins = {} }: PluginConfig,
): Promise<PluginSettings> {
  return {
    directories: await directories(pluginDir),
    files: plugin,
    permissions: pluginPermissions,
    options: plugins,
  };
}

async function directories(
  pluginDir: string | undefined,
): Promise<readonly string[]> {
  if (pluginDir === NO_FOLDER) return [];
  if (pluginDir !== undefined) return [pluginDir];
  return await isDefaultFolder(PLUGIN_FOLDER) ? [PLUGIN_FOLDER] : [];
}

/** Whether the folder exists and is not that of the examples. */
async function isDefaultFolder(folder: string): Promise<boolean> {
  try {
    const { isDirectory } = await Deno.stat(folder);
    return isDirectory && await realPath(folder) !== await realPath(EXAMPLES);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** `undefined` for a missing path: the compiled program has no examples beside it. */
async function realPath(path: string | URL): Promise<string | undefined> {
  try {
    return await Deno.realPath(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
