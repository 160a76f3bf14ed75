import { suggestion } from "../../config/option_names.ts";
import { logger } from "../../log/log.ts";
import { PluginMetrics } from "../../metrics/plugin_metrics.ts";
import type { Registry } from "../../metrics/registry.ts";
import type { Resolver } from "../../net/names/resolver.ts";
import type { TunnelFacts } from "../../plugin/api/plugin.ts";
import {
  type Plugins,
  type PluginsOptions,
  startPlugins,
} from "../../plugin/host/plugins.ts";
import { ReadBudget } from "../../plugin/results/read_budget.ts";
import type { PluginSettings } from "../options.ts";
import type { ClientState, TunnelInfo } from "../state.ts";

const log = logger("plugin");

/**
 * Starts the plugins, if there may be any.
 *
 * @throws {PluginError} When one cannot be loaded or set up; nothing is left of the others.
 */
export async function startClientPlugins(
  settings: PluginSettings | undefined,
  { metrics: registry, editsOf }: {
    readonly metrics: Registry;
    readonly editsOf: PluginsOptions["editsOf"];
  },
): Promise<Plugins | undefined> {
  const { directories = [], files = [] } = settings ?? {};
  if (directories.length + files.length === 0) return undefined;
  const metrics = new PluginMetrics(registry);
  const readBudget = new ReadBudget({ metrics });
  const plugins = await startPlugins({
    ...{ ...settings, metrics, editsOf, readBudget },
  });
  plugins.emit({ state: "starting" });
  const configured = Object.keys(settings?.options ?? {});
  for (const name of configured) {
    if (plugins.names.includes(name)) continue;
    const hint = suggestion(name, plugins.names, "it is not loaded");
    log.warn("options for a plugin that is not there", { plugin: name, hint });
  }
  return plugins;
}

/** Addresses that plugins know. */
export function resolverOf(plugins: Plugins): Resolver {
  return (hostname, signal, exchangeId) =>
    plugins.resolve(hostname, signal, exchangeId);
}

/** Notifies plugins of the state of the client. */
export function tellPlugins(
  plugins: Plugins,
  state: ClientState,
  tunnel: TunnelInfo | undefined,
): void {
  plugins.emit({ state, tunnel: tunnel && factsOf(tunnel) });
}

/** Nothing of the inside of the lab that a plugin has no use for. */
function factsOf({ id, name, proxy }: TunnelInfo): TunnelFacts {
  return { id, name, proxy };
}
