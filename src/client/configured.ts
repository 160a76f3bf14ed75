/** Client options from a configuration, as the command line and programs have it. */
import { configz } from "../config/configz.ts";
import type { Mistakes } from "../config/errors.ts";
import { checkInspector } from "../config/options/inspector_config.ts";
import {
  CLIENT_FIELDS,
  type ClientConfig,
} from "../config/options/client_config.ts";
import { PROXY_EXCLUSIVE } from "../config/options/proxy_config.ts";
import { TLS_EXCLUSIVE } from "../config/options/tls_config.ts";
import { TRAFFIC_EXCLUSIVE } from "../config/options/traffic_config.ts";
import type { Environment } from "../config/sources/environment.ts";
import { environmentProxy } from "../config/sources/environment_proxy.ts";
import type { OptionValues } from "../config/sources/option_values.ts";
import { trustedServers } from "../config/trusted_servers.ts";
import { checkExclusive } from "../config/values/mutually_exclusive.ts";
import { readHosts } from "../config/values/read_hosts.ts";
import { nameOfPem, readPem } from "../config/values/read_pem.ts";
import type { HostTable } from "../net/names/hosts_file.ts";
import { silenceLimits } from "../tunnel/silence.ts";
import type { ClientOptions } from "./options.ts";
import { readPac } from "./read_pac.ts";

/** Pairs of options that cannot be combined. */
const EXCLUSIVE = [PROXY_EXCLUSIVE, TLS_EXCLUSIVE, TRAFFIC_EXCLUSIVE] as const;

/** Notes each pair of options that are set and cannot be combined. */
export function checkPairs(values: OptionValues, mistakes: Mistakes): void {
  for (const pair of EXCLUSIVE) {
    mistakes.attempt(() => checkExclusive(values, [pair]));
  }
}

/** The proxy for connections to the server. */
export function serverProxyOptions(
  { proxyServer }: Pick<ClientConfig, "proxyServer">,
  environment: Environment,
): Pick<ClientOptions, "serverProxy" | "serverProxyExcept"> {
  if (proxyServer !== "env") return { serverProxy: proxyServer };
  const { proxy, except } = environmentProxy(environment);
  return { serverProxy: proxy, serverProxyExcept: except };
}

/**
 * Whose certificates are trusted for the server: those of `--server-fingerprint`,
 * or those that the user has pinned.
 *
 * @throws {ConfigError} When the file of pinned servers cannot be used.
 */
export async function serverPinOptions(
  { server, serverFingerprint }: Pick<
    ClientConfig,
    "server" | "serverFingerprint"
  >,
  environment: Environment,
): Promise<Pick<ClientOptions, "serverPins">> {
  if (serverFingerprint.length > 0) {
    const source = "--server-fingerprint";
    return { serverPins: { fingerprints: serverFingerprint, source } };
  }
  const pinned = (await trustedServers(environment)?.list())?.get(server);
  if (pinned === undefined) return {};
  const source = "sallyport trust";
  return { serverPins: { fingerprints: pinned.fingerprints, source } };
}

/** The configured files, which are read before anything starts. */
export interface ConfiguredFiles {
  readonly caCerts: readonly string[];
  readonly caFiles: readonly string[];
  readonly rereadCaCerts: () => Promise<readonly string[]>;
  readonly hosts: HostTable;
  readonly pacText: string | undefined;
}

/** Reads them, and notes each that cannot be used. */
export async function readFiles(
  config: ClientConfig,
  values: OptionValues,
  { mistakes, caCerts: given = [] }: {
    readonly mistakes: Mistakes;
    /** Certificates in PEM that are trusted besides those in files. */
    readonly caCerts?: readonly string[];
  },
): Promise<ConfiguredFiles> {
  const { cacertFile, hostsFile, pac } = config;
  mistakes.attempt(() => checkInspector(config, values));
  const caCerts = [...given];
  for (const source of cacertFile) {
    const pem = await mistakes.attemptLater(readPem(source));
    if (pem !== undefined) caCerts.push(pem);
  }
  const hosts = hostsFile && await mistakes.attemptLater(readHosts(hostsFile));
  const pacText = pac && await mistakes.attemptLater(readPac(pac, caCerts));
  return {
    caCerts,
    caFiles: [...given.map(() => "caCerts"), ...cacertFile.map(nameOfPem)],
    rereadCaCerts: async () => [...given, ...await readCaCerts(config)],
    pacText: pacText || undefined,
    hosts: hosts || new Map(),
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

/** The options of a client. */
export function clientOptions(
  config: ClientConfig,
  { hosts, ...files }: ConfiguredFiles,
): Omit<ClientOptions, "signal"> {
  return {
    ...files,
    server: config.server,
    username: config.username,
    accessKey: config.accessKey,
    tunnelName: config.tunnelName,
    tunnelConnections: config.tunnelConnections,
    tunnelMaxConcurrentStreams: config.tunnelMaxConcurrentStreams,
    tunnelTransport: config.tunnelTransport,
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
