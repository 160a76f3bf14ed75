/**
 * From options to the plugins of a client.
 *
 * @module
 */
import type { PluginSettings } from "../../client/options.ts";
import type { PluginConfig } from "../../config/options/plugin_config.ts";

/** Where plugins are when nobody says where: in the folder that the client is started in. */
export const PLUGIN_FOLDER = "plugins";

/** What takes the place of a folder where there shall be none. */
const NO_FOLDER = "none";

/** Those beside the source are there to be copied, not to change the requests of whoever tries it. */
const EXAMPLES = new URL("../../../plugins", import.meta.url);

/** The plugins that a configuration asks for. */
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
  given: string | undefined,
): Promise<readonly string[]> {
  if (given === NO_FOLDER) return [];
  if (given !== undefined) return [given];
  return await isUsual(PLUGIN_FOLDER) ? [PLUGIN_FOLDER] : [];
}

/** Whether there is such a folder, and not that of the examples. */
async function isUsual(folder: string): Promise<boolean> {
  try {
    const { isDirectory } = await Deno.stat(folder);
    return isDirectory && await realPath(folder) !== await realPath(EXAMPLES);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Nothing where there is nothing: the program as one file has no examples beside it. */
async function realPath(path: string | URL): Promise<string | undefined> {
  try {
    return await Deno.realPath(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
