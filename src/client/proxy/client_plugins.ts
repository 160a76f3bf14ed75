import { PluginMetrics } from "../../metrics/plugin_metrics.ts";
import type { Registry } from "../../metrics/registry.ts";
import type { TunnelFacts } from "../../plugin/api/plugin.ts";
import {
  type Plugins,
  type PluginsOptions,
  startPlugins,
} from "../../plugin/host/plugins.ts";
import type { PluginSettings } from "../options.ts";
import type { ClientState, TunnelInfo } from "../state.ts";

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
  const { directories = [], plugins: listed = [], reread } = settings ?? {};
  const mayHavePlugins = directories.length + listed.length > 0 ||
    reread !== undefined;
  if (!mayHavePlugins) return undefined;
  const metrics = new PluginMetrics(registry);
  const plugins = await startPlugins({ ...settings, metrics, editsOf });
  plugins.emit({ state: "starting" });
  return plugins;
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
