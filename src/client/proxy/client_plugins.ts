import { PluginMetrics } from "../../metrics/plugin_metrics.ts";
import type { Registry } from "../../metrics/registry.ts";
import type { Handler } from "../../http/exchange.ts";
import type { TunnelFacts } from "../../plugin/api/context.ts";
import type { PluginWay } from "../../plugin/host/plugin_sender.ts";
import type { RoutePlugins } from "../../proxy/routes.ts";
import { toProxyError } from "../../proxy/errors/to_proxy_error.ts";
import {
  type Plugins,
  type PluginsOptions,
  startPlugins,
} from "../../plugin/host/plugins.ts";
import { ReadBudget } from "../../plugin/results/read_budget.ts";
import type { ClientOptions, PluginSettings } from "../options.ts";
import type { ClientState, TunnelInfo } from "../state.ts";

/**
 * Starts the plugins, if there may be any.
 *
 * @throws {PluginError} When one cannot be loaded or set up; nothing is left of the others.
 */
export async function startClientPlugins(
  settings: PluginSettings | undefined,
  { metrics: registry, ...world }: {
    readonly metrics: Registry;
  } & Pick<PluginsOptions, "editsOf" | "way" | "tunnel">,
): Promise<Plugins | undefined> {
  if (!mayHavePlugins(settings)) return undefined;
  const metrics = new PluginMetrics(registry);
  const readBudget = new ReadBudget({ ...settings?.readLimits, metrics });
  const plugins = await startPlugins({
    ...{ readBudget, ...settings, metrics, ...world },
  });
  plugins.emit({ state: "starting" });
  return plugins;
}

function mayHavePlugins(settings: PluginSettings | undefined): boolean {
  const { directories = [], plugins = [], reread, canGrow } = settings ?? {};
  return directories.length + plugins.length > 0 || reread !== undefined ||
    canGrow === true;
}

/** The plugins for what is made before they are, because they send requests by it; `undefined` if there will be none. */
export function pluginsLater(
  settings: PluginSettings | undefined,
  plugins: () => Plugins | undefined,
): RoutePlugins & Pick<Plugins, "intercept" | "wantsMessages"> | undefined {
  if (!mayHavePlugins(settings)) return undefined;
  return {
    intercept(handler) {
      let through: Handler | undefined;
      return (request, context) => {
        through ??= plugins()?.intercept(handler);
        return (through ?? handler)(request, context);
      };
    },
    wantsMessages: (hostname, job) =>
      plugins()?.wantsMessages(hostname, job) ?? false,
    has: (hook) => plugins()?.has(hook) ?? false,
    connect: async (target, exchange) =>
      await plugins()?.connect(target, exchange) ??
        { place: target, chosen: undefined },
    resolve: async (hostname, exchange) =>
      await plugins()?.resolve(hostname, exchange),
  };
}

/** How plugins reach sites: by `handler`, whose failures are explained as browsers see them. */
export function pluginWay(handler: Handler): PluginWay {
  return {
    handler,
    explain(cause, request) {
      const { reason, message } = toProxyError(cause, request);
      return { reason, message };
    },
  };
}

/** Notifies plugins of the state of the client. */
export function tellPlugins(
  plugins: Plugins,
  state: ClientState,
  tunnel: TunnelFacts | undefined,
): void {
  plugins.emit({ state, tunnel });
}

/** Gives what plugins know of the tunnel: nothing of the inside of the lab that they have no use for. */
export function factsOf(
  { username: user, metadata = {} }: Pick<
    ClientOptions,
    "username" | "metadata"
  >,
  tunnelOf: () => TunnelInfo | undefined,
): () => TunnelFacts | undefined {
  let known: TunnelInfo | undefined;
  let facts: TunnelFacts | undefined;
  return () => {
    const tunnel = tunnelOf();
    if (tunnel === known || tunnel === undefined) return facts;
    known = tunnel;
    const { id, name, proxy } = tunnel;
    return facts = { id, name, proxy, user, metadata };
  };
}
