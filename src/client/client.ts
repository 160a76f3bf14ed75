/**
 * Builds and starts every part of a client, in order; stopping ends them in
 * the reverse order, which is the shutdown sequence.
 */
import type { Running } from "../async/running.ts";
import { defaultConnections } from "../config/default_connections.ts";
import { VERSION } from "../config/version.ts";
import { httpLogTable } from "../log/http_log.ts";
import { logger } from "../log/log.ts";
import { ConnectionMetrics } from "../metrics/connection_metrics.ts";
import { ProxyMetrics } from "../metrics/proxy_metrics.ts";
import type { Registry } from "../metrics/registry.ts";
import type { Acceptor } from "../net/listen/acceptor.ts";
import type { Address } from "../net/address/address.ts";
import { countedConnect } from "../net/dial/counted_connect.ts";
import {
  addressesOf,
  createNameResolver,
  type NameResolver,
} from "../net/names/name_resolver.ts";
import type { Handler } from "../http/exchange.ts";
import type { Inspector } from "../inspector/inspector.ts";
import type { PluginUse } from "../plugin/api/plugin_use.ts";
import type { Plugins } from "../plugin/host/plugins.ts";
import { startClientProxy } from "./proxy/client_proxy.ts";
import { ConnectionManager } from "./sessions/connection_manager.ts";
import { Controller, type ControllerOptions } from "./controller.ts";
import { startDebugProxy } from "./proxy/debug_proxy.ts";
import { statusNames } from "./status/host_names.ts";
import { watchCaCerts } from "./ca_certificates.ts";
import type { ClientOptions } from "./options.ts";
import { openUpstream } from "./proxy/upstream.ts";
import { RestClient } from "./rest/rest_client.ts";
import { portLimits } from "../http_server/port_limits.ts";
import type { ConnectionLimits } from "../net/listen/connection_limits.ts";
import {
  SERVER_DIAL_TIMEOUT,
  serverConnect,
} from "./sessions/server_connect.ts";
import { exchangeIds, sessionOpener } from "./sessions/session_opener.ts";
import type { HealthChecks } from "../async/health_checks.ts";
import { createClientMetrics } from "./status/client_metrics.ts";
import { serveStatus, type StatusApi } from "./status/status_api.ts";
import { registerStatusMetrics } from "./status/status_metrics.ts";
import { createStatusApp } from "./status/status_app.ts";
import type { TunnelInfo } from "./state.ts";
import { ClientStatus, snapshotOf } from "./status/status.ts";
import { tunnelAddressOf } from "./tunnel_address.ts";
import { tunnelRequestOf } from "./tunnel_request.ts";

/** A client whose tunnel carries requests. Disposing it stops it without waiting for jobs. */
export interface Client extends Running {
  /** Rejects with {@linkcode ClientError} `ended` when the server ended the tunnel. */
  readonly done: Promise<void>;
  /** The tunnel and the proxy that reaches it. */
  readonly tunnel: TunnelInfo;
  /** Address of the status API, if there is one. */
  readonly apiUrl: string | undefined;
  /** Address of the debug proxy, if there is one. */
  readonly debugAddress: Address | undefined;
  /**
   * Adds a plugin before all others, until the result is disposed. The plugins
   * of the options must say that they can grow.
   *
   * @throws {PluginError} When it cannot be loaded or set up, or has the name of another.
   */
  use(plugin: PluginUse): Promise<AsyncDisposable>;
  /** Looks for new trusted certificates, and for another configuration of plugins. */
  reload(): Promise<void>;
  /**
   * Refuses new jobs, waits for the running ones, and ends the tunnel.
   *
   * @param timeout How long running jobs may take, in milliseconds.
   */
  stop(reason?: string, timeout?: number): Promise<void>;
}

const log = logger("proxy");
/** Connections to the status API and the debug proxy together: they are for people and for probes. */
const MAX_CONNECTIONS = 512;
const THREE_HOURS = 3 * 3_600_000;
const NEVER = new AbortController().signal;

/**
 * Starts a client; resolves when requests pass through its tunnel.
 *
 * @throws {ClientError} When the tunnel cannot be created; nothing is left of it on the server.
 * @throws {ListenError} When the address of the status API or the debug proxy is taken.
 * @throws {PacError} When the PAC is broken.
 * @throws {PluginError} When a plugin cannot be loaded or set up.
 * @throws {SyntaxError} When `denyDomains` or `insecureDomains` have an invalid regular expression.
 */
export async function startClient(given: ClientOptions): Promise<Client> {
  await using parts = new AsyncDisposableStack();
  const { options, watch } = parts.use(watchCaCerts(given));
  const { metrics, health } = createClientMetrics(options, parts);
  const names = createNameResolver(options.names ?? {});
  let ownAddress: string | undefined;
  const { choose } = parts.use(
    await openUpstream(options, addressesOf(names), () => ownAddress),
  );
  log.info("localhost proxying", { mode: options.proxyLocalhost ?? "deny" });
  const status = new ClientStatus((state) => {
    options.onEvent?.({ state });
    proxy.tellPlugins();
  });
  registerStatusMetrics(metrics, status);
  const proxyMetrics = new ProxyMetrics(metrics);
  let debugProxy: Acceptor | undefined;
  const proxy = parts.use(
    await startClientProxy(options, {
      ...{ metrics, proxyMetrics, names, choose, status },
      ownAddress: () => debugProxy?.address,
    }),
  );
  const { handler, inspector, plugins } = proxy;
  const limits = portLimits({ log, metrics, max: MAX_CONNECTIONS });
  const api = parts.use(
    await startApi(options, {
      ...{ status, metrics, health, plugins, inspector, limits },
    }),
  );
  offerStatus(options, { status, proxyMetrics, api, plugins });
  if (options.debugAddress !== undefined) {
    debugProxy = parts.use(
      startDebugProxy(options.debugAddress, handler, limits),
    );
  }
  const onAddress = (ip: string) => ownAddress = ip;
  const served = { status, handler, names, metrics, onAddress };
  const controller = new Controller(controllerOptions(options, served));
  await controller.start(options.signal ?? NEVER);
  parts.use(controller);
  return clientOf(controller, parts.move(), {
    tunnel: status.tunnel ?? NO_TUNNEL,
    apiUrl: api.url,
    debugAddress: debugProxy?.address,
    reload: () => reloadAll(watch, plugins),
    async use(plugin) {
      if (plugins === undefined) {
        throw new TypeError("Cannot add plugins: this client has none");
      }
      return await plugins.add(plugin);
    },
  });
}

function offerStatus(
  { onStatus }: ClientOptions,
  { status, proxyMetrics, api, plugins }: {
    readonly status: ClientStatus;
    readonly proxyMetrics: ProxyMetrics;
    readonly api: StatusApi;
    readonly plugins: Plugins | undefined;
  },
): void {
  onStatus?.(() =>
    snapshotOf(status, {
      answered: proxyMetrics.answered,
      apiUrl: api.url,
      failingPlugins: plugins?.failures ?? [],
    })
  );
}

async function reloadAll(
  ...parts: readonly ({ reload(): Promise<void> } | undefined)[]
): Promise<void> {
  await Promise.all(parts.map((part) => part?.reload()));
}

function clientOf(
  controller: Controller,
  running: AsyncDisposable,
  facts: Omit<Client, "done" | "stop" | typeof Symbol.asyncDispose>,
): Client {
  let ended: PromiseLike<void> | undefined;
  const end = async () => await (ended ??= running[Symbol.asyncDispose]());
  return {
    ...facts,
    done: controller.done,
    async stop(reason = "userShutdown", timeout) {
      await controller.stop(reason, timeout);
      await end();
    },
    [Symbol.asyncDispose]: end,
  };
}

/** Only the compiler needs it: a controller that has started has a tunnel. */
const NO_TUNNEL: TunnelInfo = {
  id: "",
  name: "",
  host: "",
  server: "",
  proxy: "",
  proxyUrl: "",
};

async function startApi(
  options: ClientOptions,
  { status, metrics, health, plugins, inspector, limits }: {
    readonly health: HealthChecks;
    readonly limits: ConnectionLimits;
    readonly status: ClientStatus;
    readonly metrics: Registry;
    readonly plugins: Plugins | undefined;
    readonly inspector: Inspector | undefined;
  },
): Promise<StatusApi> {
  const { apiBasicAuth, configz = "", pacText, httpLog = [] } = options;
  const app = createStatusApp({
    ...{ status, metrics, health },
    build: VERSION,
    configz,
    pac: pacText,
    inspector: inspector?.app,
    facts: {
      plugins: () => plugins?.names ?? [],
      failingPlugins: () => plugins?.failures ?? [],
      rules: rulesOf(options),
    },
    credentials: apiBasicAuth,
    hostNames: statusNames(options),
    httpLog: httpLogTable(httpLog).api,
  });
  const api = await serveStatus(app, options, limits);
  if (inspector !== undefined && api.url !== undefined) {
    logger("api").info("traffic inspector", { url: `${api.url}inspector` });
  }
  return api;
}

function rulesOf(
  options: ClientOptions,
): Readonly<Record<string, readonly string[] | undefined>> {
  return {
    "deny-domains": options.denyDomains,
    "direct-domains": options.directDomains,
    "tunnel-domains": options.tunnelDomains,
    "tls-resign-domains": options.tlsResignDomains,
    "tls-passthrough-domains": options.tlsPassthroughDomains,
    "insecure-domains": options.insecureDomains,
  };
}

function controllerOptions(
  options: ClientOptions,
  { status, handler, names, metrics, onAddress }: {
    readonly status: ClientStatus;
    readonly handler: Handler;
    readonly onAddress: (ip: string) => void;
    readonly names: NameResolver;
    readonly metrics: Registry;
  },
): ControllerOptions {
  const { shutdownTimeout = THREE_HOURS } = options;
  const size = options.tunnelConnections ?? defaultConnections();
  const connect = serverConnect(options, addressesOf(names), onAddress);
  const sessionConnect = countedConnect(
    connect,
    new ConnectionMetrics(metrics, "tunnel_dialer"),
  );
  const exchangeId = exchangeIds();
  return {
    rest: new RestClient({
      ...options,
      version: VERSION.version,
      connect,
      httpLog: httpLogTable(options.httpLog ?? []).control,
    }),
    status,
    request: tunnelRequestOf(options),
    heartbeatInterval: options.heartbeatInterval,
    shutdownTimeout,
    server: options.server,
    connect(tunnel, onEnded) {
      const address = tunnelAddressOf(tunnel, options.server);
      return new ConnectionManager({
        size,
        address,
        overdueAfter: options.silence?.overdueAfter,
        open: sessionOpener({
          address,
          tunnelId: tunnel.id,
          token: tunnel.tunnel_token,
          connect: sessionConnect,
          handler,
          exchangeId,
          maxConcurrentStreams: options.tunnelMaxConcurrentStreams ?? 256,
          upgradeTimeout: options.serverDialTimeout ?? SERVER_DIAL_TIMEOUT,
          silence: options.silence,
          transport: options.tunnelTransport,
        }),
        onChange: (active) => status.setActive(active),
        onRefused: ({ message }) => onEnded(message),
      });
    },
  };
}
