/** The way of a request through a client: the steps of its pipeline, with its plugins, to the site. */
import type { Handler } from "../../http/exchange.ts";
import type { Inspector } from "../../inspector/inspector.ts";
import type { ProxyMetrics } from "../../metrics/proxy_metrics.ts";
import { registerSenders } from "../../metrics/organization_metrics.ts";
import type { Registry } from "../../metrics/registry.ts";
import type { Address } from "../../net/address/address.ts";
import type { NameResolver } from "../../net/names/name_resolver.ts";
import type { Plugins } from "../../plugin/host/plugins.ts";
import { SenderTallies } from "../../proxy/count_senders.ts";
import type { ChooseProxies } from "../../proxy/routes.ts";
import type { ClientOptions } from "../options.ts";
import type { ClientStatus } from "../status/status.ts";
import { clientForwarder } from "./client_forwarder.ts";
import {
  factsOf,
  pluginsLater,
  pluginWay,
  startClientPlugins,
  tellPlugins,
} from "./client_plugins.ts";
import { clientPipeline } from "./pipeline.ts";

/** What it is made with, besides the options. */
export interface ClientProxyParts {
  readonly metrics: Registry;
  readonly proxyMetrics: ProxyMetrics;
  readonly names: NameResolver;
  readonly choose: ChooseProxies | undefined;
  readonly status: ClientStatus;
  /** Where the debug proxy listens, once it does. */
  readonly ownAddress: () => Address | undefined;
}

/** Disposing it ends plugins and connections to sites. */
export interface ClientProxy extends AsyncDisposable {
  /** Handles the requests of browsers. Never throws. */
  readonly handler: Handler;
  readonly inspector: Inspector | undefined;
  readonly plugins: Plugins | undefined;
  /** Notifies plugins that the state of the client has changed. */
  tellPlugins(): void;
}

/**
 * Makes it, and starts the plugins. These may send requests while they are set up.
 *
 * @throws {PluginError} When a plugin cannot be loaded or set up.
 * @throws {SyntaxError} When `denyDomains` or `insecureDomains` have an invalid regular expression.
 */
export async function startClientProxy(
  options: ClientOptions,
  { metrics, proxyMetrics, names, choose, status, ownAddress }:
    ClientProxyParts,
): Promise<ClientProxy> {
  await using parts = new AsyncDisposableStack();
  const late: {
    plugins?: Plugins | undefined;
    inspector?: Inspector | undefined;
  } = {};
  const later = pluginsLater(options.plugins, () => late.plugins);
  const forwarder = parts.use(
    clientForwarder(options, {
      ...{ metrics, names, choose, ownAddress },
      plugins: later,
      onPhase: options.inspector &&
        ((id, phase, milliseconds) =>
          late.inspector?.phaseOf(id, phase, milliseconds)),
    }),
  );
  const senders = new SenderTallies();
  registerSenders(metrics, senders);
  const { handler, inspector, behindPlugins } = clientPipeline(options, {
    send: forwarder.roundTrip,
    ...{ plugins: later, metrics: proxyMetrics, senders, status },
  });
  late.inspector = parts.use(inspector);
  const facts = factsOf(options, () => status.tunnel);
  const plugins = parts.use(
    await startClientPlugins(options.plugins, {
      metrics,
      editsOf: (id) => inspector?.editsOf(id),
      way: pluginWay(behindPlugins),
      tunnel: facts,
    }),
  );
  late.plugins = plugins;
  const owned = parts.move();
  return {
    ...{ handler, inspector, plugins },
    tellPlugins() {
      if (plugins === undefined) return;
      tellPlugins(plugins, status.state, facts());
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
