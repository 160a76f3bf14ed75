// `sallyport run`: opens a tunnel and keeps it open.
import type { ClientOptions, PluginSettings } from "../../client/options.ts";
import {
  CLIENT_FIELDS,
  type ClientConfig,
} from "../../config/options/client_config.ts";
import { containerSocket } from "../../config/options/api_config.ts";
import { changedOptions, configz } from "../../config/configz.ts";
import type { Environment } from "../../config/sources/environment.ts";
import { checkExclusive } from "../../config/values/mutually_exclusive.ts";
import { checkInspector } from "../../config/options/inspector_config.ts";
import {
  type CollectedOptions,
  gatherOptions,
  validateOptions,
} from "../../config/load.ts";
import { Mistakes } from "../../config/errors.ts";
import type { OptionValues } from "../../config/sources/option_values.ts";
import { environmentProxy } from "../../config/sources/environment_proxy.ts";
import { readHosts } from "../../config/values/read_hosts.ts";
import { nameOfPem, readPem } from "../../config/values/read_pem.ts";
import type { GuardedPath } from "../../config/exposed_paths.ts";
import { PROXY_EXCLUSIVE } from "../../config/options/proxy_config.ts";
import { TLS_EXCLUSIVE } from "../../config/options/tls_config.ts";
import { TRAFFIC_EXCLUSIVE } from "../../config/options/traffic_config.ts";
import { yamlFile } from "../../config/sources/yaml_file.ts";
import type { HostTable } from "../../net/names/hosts_file.ts";
import { silenceLimits } from "../../tunnel/silence.ts";
import {
  type Command,
  configFileRequested,
  type Subcommand,
} from "../command.ts";
import type { Context } from "../context.ts";
import { EXIT } from "../exit_code.ts";
import { openLiveStatus } from "../live/live_status.ts";
import { OLD_NAMES } from "../legacy/option_map.ts";
import { openLog } from "../open_log.ts";
import type { Services } from "../services.ts";
import { permissionsFrom } from "../../plugin/api/permissions.ts";
import { pluginSettings } from "../plugin/plugin_settings.ts";
import { reloadable } from "../plugin/reload_settings.ts";
import { readPac } from "./read_pac.ts";
import { runService } from "../run_service.ts";
import { stopSignals } from "../signals.ts";
import {
  guardedConfig,
  guardedFiles,
  guardedPlugins,
  warnExposedPaths,
  warnMisspelledVariables,
} from "../config_warnings.ts";

/** Pairs of options that cannot be combined. */
const EXCLUSIVE = [PROXY_EXCLUSIVE, TLS_EXCLUSIVE, TRAFFIC_EXCLUSIVE] as const;

const SUBCOMMANDS: Readonly<Record<string, Subcommand>> = {
  "config-file": {
    description: "Prints a configuration file with all options and their " +
      "help. Options that are set, in flags, the environment or another " +
      "file, have their values. Secrets are left out.",
  },
};

/** The command `run`. */
export function runCommand(
  services: Pick<Services, "startClient">,
): Command {
  return {
    name: "run",
    summary: "Open a tunnel (the default command)",
    usage: ["run [options]", "run config-file [options]"],
    description:
      "Opens a tunnel to the server and forwards the requests that " +
      "come through it. On SIGINT or SIGTERM it waits for running jobs. A " +
      'second signal stops it immediately. "config-file" prints a ' +
      "configuration file instead.",
    fields: { ...CLIENT_FIELDS },
    subcommands: SUBCOMMANDS,
    isService: true,
    async run(args, context) {
      const { environment, print } = context;
      const collected = await gatherOptions(CLIENT_FIELDS, {
        args,
        environment,
        oldNames: OLD_NAMES,
      });
      if (configFileRequested(collected)) {
        print(yamlFile(CLIENT_FIELDS, collected.values));
        return EXIT.done;
      }
      return await openTunnel(collected, {
        context,
        services,
        recollect: () =>
          gatherOptions(CLIENT_FIELDS, {
            args,
            environment,
            oldNames: OLD_NAMES,
          }),
      });
    },
  };
}

/** What a tunnel is opened with. */
export interface TunnelContext {
  readonly context: Context;
  readonly services: Pick<Services, "startClient">;
  /** Called when lines can be logged. */
  readonly onLog?: () => void;
  /** Collects the options again, when the configuration file has changed. Default: it is read once. */
  readonly recollect?: () => Promise<CollectedOptions>;
}

/**
 * Opens a tunnel with the options that were collected, and keeps it open.
 *
 * @returns The exit code.
 * @throws {ConfigError} With all mistakes.
 */
export async function openTunnel(
  collected: CollectedOptions,
  { context, services, onLog, recollect }: TunnelContext,
): Promise<number> {
  const { values, mistakes } = collected;
  const { environment } = context;
  warnMisspelledVariables({ ...CLIENT_FIELDS }, context);
  for (const pair of EXCLUSIVE) {
    mistakes.attempt(() => checkExclusive(values, [pair]));
  }
  const config = validateOptions(CLIENT_FIELDS, values, mistakes);
  const files = await readFiles(config, values);
  const changed = changedOptions(CLIENT_FIELDS, values);
  const options = {
    ...optionsOf(config, files),
    ...serverProxyOptions(config, environment),
    apiSocket: config.apiSocket ?? containerSocket(environment),
    plugins: reloadable(files.plugins, { config, values, recollect }),
  };
  using signals = stopSignals();
  await using live = openLiveStatus(config, environment);
  await using log = await openLog(config, changed, live?.target);
  onLog?.();
  await warnExposedPaths([
    ...guardedConfig(CLIENT_FIELDS, collected),
    ...await guardedBy(config, files),
  ]);
  if (!writes(config, options.apiSocket)) {
    await context.revokePermissions(["write"]);
  }
  const watched = {
    ...options,
    loggedErrors: log.errors,
    droppedLogLines: log.dropped,
    ...live && { onStatus: live.watch },
  };
  return await runService(
    (signal) => services.startClient({ ...watched, signal }),
    signals,
    context,
  );
}

/** The configured paths that other users should not be able to change. */
async function guardedBy(
  { cacertFile, hostsFile, pac }: ClientConfig,
  { plugins }: Files,
): Promise<readonly GuardedPath[]> {
  return [
    ...guardedFiles("file of trusted CAs", cacertFile),
    ...guardedFiles("hosts file", [hostsFile]),
    ...guardedFiles("PAC", [pac]),
    ...await guardedPlugins(plugins),
  ];
}

/** Whether a client may write files: its log, its socket, or in a trusted plugin. */
function writes(
  { logFile, plugins, pluginPermissions }: ClientConfig,
  apiSocket: string | undefined,
): boolean {
  const allowed = [
    ...plugins.map(({ allow = {} }) => permissionsFrom(allow)),
    ...pluginPermissions.map(({ permissions }) => permissions),
  ];
  return logFile !== undefined || apiSocket !== undefined ||
    allowed.some((each) => each === "trusted" || each.write !== false);
}

/** The proxy for connections to the server. */
function serverProxyOptions(
  { proxyServer }: ClientConfig,
  environment: Environment,
): Pick<ClientOptions, "serverProxy" | "serverProxyExcept"> {
  if (proxyServer !== "env") return { serverProxy: proxyServer };
  const { proxy, except } = environmentProxy(environment);
  return { serverProxy: proxy, serverProxyExcept: except };
}

/** The configured files, which are read before anything starts. */
interface Files {
  readonly caCerts: readonly string[];
  readonly caFiles: readonly string[];
  readonly hosts: HostTable;
  readonly plugins: PluginSettings;
  readonly pacText: string | undefined;
}

/** @throws {ConfigError} With a line for each file that cannot be used. */
async function readFiles(
  config: ClientConfig,
  values: OptionValues,
): Promise<Files> {
  const { cacertFile, hostsFile, pac } = config;
  const mistakes = new Mistakes();
  mistakes.attempt(() => checkInspector(config, values));
  const caCerts: string[] = [];
  for (const source of cacertFile) {
    const pem = await mistakes.attemptLater(readPem(source));
    if (pem !== undefined) caCerts.push(pem);
  }
  const hosts = hostsFile && await mistakes.attemptLater(readHosts(hostsFile));
  const plugins = await mistakes.attemptLater(pluginSettings(config, values));
  const pacText = pac && await mistakes.attemptLater(readPac(pac, caCerts));
  mistakes.throwIfAny();
  return {
    caCerts,
    caFiles: cacertFile.map(nameOfPem),
    pacText: pacText || undefined,
    hosts: hosts || new Map(),
    plugins: plugins ?? {},
  };
}

/** The trusted certificates, as their files are now. */
function readCaCerts(
  { cacertFile }: Pick<ClientConfig, "cacertFile">,
): Promise<readonly string[]> {
  return Promise.all(cacertFile.map((source) => readPem(source)));
}

/** The options of the tunnel and of its routes. */
function tunnelOf(config: ClientConfig): Partial<ClientOptions> {
  return {
    denyDomains: config.denyDomains,
    directDomains: config.directDomains,
    tunnelDomains: config.tunnelDomains,
    dedicatedPort: config.dedicatedPort,
    tlsResignDomains: config.tlsResignDomains,
    tlsPassthroughDomains: config.tlsPassthroughDomains,
    insecureDomains: config.insecureDomains,
    metadata: Object.fromEntries(
      config.metadata.map(({ name, value }) => [name, value]),
    ),
    shared: config.shared,
    tunnelPool: config.tunnelPool,
  };
}

function optionsOf(
  config: ClientConfig,
  { hosts, ...files }: Files,
): Omit<ClientOptions, "signal"> {
  return {
    ...files,
    rereadCaCerts: () => readCaCerts(config),
    server: config.server,
    username: config.username,
    accessKey: config.accessKey,
    tunnelName: config.tunnelName,
    tunnelConnections: config.tunnelConnections,
    tunnelMaxConcurrentStreams: config.tunnelMaxConcurrentStreams,
    silence: silenceLimits(config.tunnelPingInterval),
    apiAddress: config.apiAddress,
    apiBasicAuth: config.apiBasicAuth,
    apiIdleTimeout: config.apiIdleTimeout,
    inspector: !config.inspector ? undefined : {
      bodyLimit: config.inspectorBodies,
      memoryLimit: config.inspectorMemory,
    },
    proxyLocalhost: config.proxyLocalhost,
    allowPrivateMetadata: config.allowPrivateMetadata,
    upstreamProxy: config.proxy,
    credentials: config.auth,
    headers: {
      request: config.header,
      response: config.responseHeader,
      connect: config.connectHeader,
    },
    timeWindow: { frames: config.allowTimeFrame },
    debugAddress: config.debugAddress,
    rates: { read: config.readLimit, write: config.writeLimit },
    ...tunnelOf(config),
    shutdownTimeout: config.shutdownTimeout,
    names: {
      overrides: config.hostOverride,
      hosts,
      dnsServers: config.dnsServer,
      dnsRoundRobin: config.dnsRoundRobin,
      dnsTimeout: config.dnsTimeout,
    },
    dial: {
      attempts: config.httpDialAttempts,
      backoff: config.httpDialBackoff,
      timeout: config.httpDialTimeout,
      idleConnTimeout: config.httpIdleConnTimeout,
      responseHeaderTimeout: config.httpResponseHeaderTimeout,
      tlsHandshakeTimeout: config.httpTlsHandshakeTimeout,
      headerLimits: {
        maxHeaderBytes: config.httpMaxHeaderSize,
        maxFields: config.httpMaxHeaderFields,
      },
    },
    httpLog: config.logHttp,
    configz: configz(CLIENT_FIELDS, config),
  };
}
