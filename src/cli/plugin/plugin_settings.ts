import { resolve } from "node:path";
import type { PluginSettings } from "../../client/options.ts";
import type { PluginConfig } from "../../config/options/plugin_config.ts";
import type { OptionValues } from "../../config/sources/option_values.ts";
import type { ListedUse } from "../../plugin/loading/plugin_list.ts";

/** The default folder of plugins, in the working directory. */
export const PLUGIN_FOLDER = "plugins";

/** The value of `--plugin-dir` for no folder. */
const NO_FOLDER = "none";

/** The examples beside the source. They are for copying and are not loaded by default. */
const EXAMPLES = new URL("../../../plugins", import.meta.url);

/**
 * The plugin settings of a configuration. All options about plugins become one
 * list: the folder, then `plugins`, then `plugin`.
 *
 * @param values Where the options are set.
 */
export async function pluginSettings(
  config: PluginConfig,
  values: OptionValues,
): Promise<PluginSettings> {
  return {
    directories: await directories(config.pluginDir),
    plugins: allPlugins(config, values),
    permissions: config.pluginPermissions,
    timeBudget: config.pluginTimeout,
    allowPackages: config.allowNpmPlugins,
  };
}

/** The entries of the list, with the places where they are set. */
export function listedPlugins(
  { plugins }: Pick<PluginConfig, "plugins">,
  values: OptionValues,
): readonly ListedUse[] {
  const { placeOf, source = "" } = values.get("plugins") ?? {};
  return plugins.map((use, at) => ({
    ...use,
    placeOf: (path) => placeOf?.([at, ...path]) ?? source,
  }));
}

/** A file that the list has is not added once more. */
function allPlugins(
  config: PluginConfig,
  values: OptionValues,
): readonly ListedUse[] {
  const { plugins, plugin: files } = config;
  const paths = new Set(plugins.map(({ use }) => resolve(use)));
  const more: ListedUse[] = [];
  for (const use of files) {
    if (paths.has(resolve(use))) continue;
    paths.add(resolve(use));
    more.push({ use });
  }
  return [...listedPlugins(config, values), ...more];
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
