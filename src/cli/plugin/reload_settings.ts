// Reads the options about plugins again when the configuration file changes.
import type { PluginSettings } from "../../client/options.ts";
import {
  CLIENT_FIELDS,
  type ClientConfig,
} from "../../config/options/client_config.ts";
import { PLUGIN_FIELDS } from "../../config/options/plugin_config.ts";
import { type CollectedOptions, validateOptions } from "../../config/load.ts";
import { optionName } from "../../config/option_names.ts";
import type { OptionValues } from "../../config/sources/option_values.ts";
import { logger } from "../../log/log.ts";
import { pluginSettings } from "./plugin_settings.ts";

const log = logger("plugin");

/** Options that a running client takes again. */
const OF_PLUGINS: ReadonlySet<string> = new Set(
  Object.keys(PLUGIN_FIELDS).map(optionName),
);

/** What a client has been started with. */
export interface StartedWith {
  readonly config: Pick<ClientConfig, "configFile">;
  readonly values: OptionValues;
  /** Collects the options again. */
  readonly recollect: (() => Promise<CollectedOptions>) | undefined;
}

/** Settings that are read again when the configuration file changes, if there is one. */
export function reloadable(
  settings: PluginSettings,
  { config: { configFile }, values, recollect }: StartedWith,
): PluginSettings {
  if (configFile === undefined || recollect === undefined) return settings;
  return {
    ...settings,
    configFile,
    async reread() {
      const collected = await recollect();
      const { mistakes } = collected;
      const config = validateOptions(CLIENT_FIELDS, collected.values, mistakes);
      warnOthers(values, collected.values);
      return await pluginSettings(config, collected.values);
    },
  };
}

/** Other options need a restart. Nobody should wait for them. */
function warnOthers(before: OptionValues, after: OptionValues): void {
  const names = new Set([...before.keys(), ...after.keys()]);
  const options = [...names].filter((name) =>
    !OF_PLUGINS.has(name) &&
    JSON.stringify(before.get(name)?.raw) !==
      JSON.stringify(after.get(name)?.raw)
  );
  if (options.length === 0) return;
  log.warn("changed options need a restart of the client", { options });
}
