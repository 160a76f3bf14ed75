/**
 * `sallyport run`: opens a tunnel and keeps it open.
 *
 * @module
 */
import type { ClientOptions, PluginSettings } from "../../client/options.ts";
import {
  CLIENT_FIELDS,
  type ClientConfig,
} from "../../config/options/client_config.ts";
import { containerSocket } from "../../config/options/api_config.ts";
import { changedOptions, configz } from "../../config/configz.ts";
import type { Environment } from "../../config/sources/environment.ts";
import { checkExclusive } from "../../config/values/exclusive.ts";
import { checkInspector } from "../../config/options/inspector_config.ts";
import { check, collect } from "../../config/load.ts";
import { environmentProxy } from "../../config/sources/environment_proxy.ts";
import { readHosts } from "../../config/values/read_hosts.ts";
import { readPem } from "../../config/values/read_pem.ts";
import type { GuardedPath } from "../../config/exposed_paths.ts";
import { PROXY_RIVALS } from "../../config/options/proxy_config.ts";
import { TLS_RIVALS } from "../../config/options/tls_config.ts";
import { TRAFFIC_RIVALS } from "../../config/options/traffic_config.ts";
import { yamlFile } from "../../config/sources/yaml_file.ts";
import type { HostTable } from "../../net/names/hosts_file.ts";
import { type Command, onlyWord } from "../command.ts";
import { EXIT } from "../exit_code.ts";
import { openLiveStatus } from "../live/live_status.ts";
import { openLog } from "../open_log.ts";
import type { Parts } from "../parts.ts";
import { pluginSettings } from "../plugin/plugin_settings.ts";
import { readPac } from "./read_pac.ts";
import { runService } from "../run_service.ts";
import {
  guardedConfig,
  guardedFiles,
  guardedPlugins,
  warnExposed,
} from "../warn_exposed.ts";
import { warnMisspelt } from "../warn_misspelt.ts";

/** The command `run`. */
export function runCommand(
  { startClient }: Pick<Parts, "startClient">,
): Command {
  return {
    name: "run",
    summary: "Open a tunnel (the default command)",
    usage: ["run [options]", "run config-file [options]"],
    description: "Opens a tunnel to the server and serves the requests that " +
      "come through it until it is stopped. On SIGINT or SIGTERM it waits " +
      "for running jobs; a second signal stops it at once. " +
      '"config-file" prints a configuration file with all options instead.',
    fields: { ...CLIENT_FIELDS },
    nested: {
      "config-file": {
        description: "Prints a configuration file with all options and what " +
          "they mean. Those that are set, by flags, the environment or " +
          "another file, have their values, but for secrets.",
      },
    },
    isService: true,
    async run(args, context) {
      const { environment, print } = context;
      const settings = await collect(CLIENT_FIELDS, { args, environment });
      const { given, words } = settings;
      if (onlyWord(words, ["config-file"])) {
        print(yamlFile(CLIENT_FIELDS, given));
        return EXIT.done;
      }
      warnMisspelt({ ...CLIENT_FIELDS }, context);
      const config = check(CLIENT_FIELDS, given);
      checkExclusive(given, [PROXY_RIVALS, TLS_RIVALS, TRAFFIC_RIVALS]);
      checkInspector(config, given);
      const files = await readFiles(config);
      const way = serverWay(config, environment);
      const changed = changedOptions(CLIENT_FIELDS, given);
      const options = {
        ...optionsOf(config, files),
        ...way,
        apiSocket: config.apiSocket ?? containerSocket(environment),
      };
      await using live = openLiveStatus(config, environment);
      await using log = await openLog(config, changed, live?.target);
      await warnExposed([
        ...guardedConfig(CLIENT_FIELDS, settings),
        ...await guardedBy(config, files),
      ]);
      if (!writes(config, options.apiSocket)) await context.giveUp(["write"]);
      const watched = {
        ...options,
        loggedErrors: log.errors,
        ...live && { onStatus: live.watch },
      };
      return await runService(
        (signal) => startClient({ ...watched, signal }),
        context,
      );
    },
  };
}

/** What the configuration names and others should leave alone. */
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

/** Whether anything of a client writes files: its log, its socket, or a plugin that may what it may. */
function writes(
  { logFile, pluginPermissions }: ClientConfig,
  apiSocket: string | undefined,
): boolean {
  return logFile !== undefined || apiSocket !== undefined ||
    pluginPermissions.some(({ permissions }) => permissions === "trusted");
}

/** The proxy to the server. */
function serverWay(
  { proxyServer }: ClientConfig,
  environment: Environment,
): Pick<ClientOptions, "serverProxy" | "serverProxyExcept"> {
  if (proxyServer !== "env") return { serverProxy: proxyServer };
  const { proxy, except } = environmentProxy(environment);
  return { serverProxy: proxy, serverProxyExcept: except };
}

/** What the configuration names, and is read before anything starts. */
interface Files {
  readonly caCerts: readonly string[];
  readonly hosts: HostTable;
  readonly plugins: PluginSettings;
  readonly pacText: string | undefined;
}

async function readFiles(config: ClientConfig): Promise<Files> {
  const { cacertFile, hostsFile, pac } = config;
  const caCerts = await Promise.all(
    cacertFile.map((source) => readPem(source)),
  );
  return {
    caCerts,
    pacText: pac === undefined ? undefined : await readPac(pac, caCerts),
    hosts: hostsFile === undefined ? new Map() : await readHosts(hostsFile),
    plugins: await pluginSettings(config),
  };
}

/** What tunnel is wanted, and what goes where. */
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
    server: config.server,
    username: config.username,
    accessKey: config.accessKey,
    tunnelName: config.tunnelName,
    tunnelConnections: config.tunnelConnections,
    tunnelMaxConcurrentStreams: config.tunnelMaxConcurrentStreams,
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
    },
    httpLog: config.logHttp,
    configz: configz(CLIENT_FIELDS, config),
  };
}
