// `sallyport server`: the server that clients and browsers connect to.
import type { GuardedPath } from "../../config/exposed_paths.ts";
import { changedOptions } from "../../config/configz.ts";
import { ConfigError, Mistakes } from "../../config/errors.ts";
import { gatherOptions, validateOptions } from "../../config/load.ts";
import { checkOidc } from "../../config/options/oidc_config.ts";
import { readPem } from "../../config/values/read_pem.ts";
import { readSecret } from "../../config/values/read_secret.ts";
import { checkAcme } from "../../config/options/acme_config.ts";
import {
  SERVER_FIELDS,
  type ServerConfig,
} from "../../config/options/server_config.ts";
import { yamlFile } from "../../config/sources/yaml_file.ts";
import type { ServerOptions } from "../../server/options.ts";
import { silenceLimits } from "../../tunnel/silence.ts";
import { type Command, configFileRequested } from "../command.ts";
import { EXIT } from "../exit_code.ts";
import { openLog } from "../open_log.ts";
import type { Services } from "../services.ts";
import { runService } from "../run_service.ts";
import { stopSignals } from "../signals.ts";
import {
  guardedConfig,
  guardedData,
  guardedFiles,
  warnExposedPaths,
  warnMisspelledVariables,
} from "../config_warnings.ts";

/** What options together must be. */
const CHECKS: readonly ((config: ServerConfig) => void)[] = [
  checkTrusted,
  checkProxy,
  checkOidc,
  checkAcme,
];

/** The command `server`. */
export function serverCommand(
  { startServer }: Pick<Services, "startServer">,
): Command {
  return {
    name: "server",
    summary: "Run the server that clients and browsers connect to",
    usage: ["server [options]", "server config-file [options]"],
    description: "Runs the REST API and the page, accepts the connections of " +
      "clients, and is the proxy of the test browsers. " +
      '"config-file" prints a configuration file instead.',
    fields: SERVER_FIELDS,
    subcommands: {
      "config-file": {
        description: "Prints a configuration file with all options and their " +
          "help. Options that are set, in flags, the environment or another " +
          "file, have their values. Secrets are left out.",
      },
    },
    isService: true,
    async run(args, context) {
      const { environment, print } = context;
      const collected = await gatherOptions(SERVER_FIELDS, {
        args,
        environment,
      });
      const { values, mistakes } = collected;
      if (configFileRequested(collected)) {
        print(yamlFile(SERVER_FIELDS, values));
        return EXIT.done;
      }
      warnMisspelledVariables(SERVER_FIELDS, context);
      const config = validateOptions(SERVER_FIELDS, values, mistakes);
      for (const check of CHECKS) mistakes.attempt(() => check(config));
      const certificates = await readCertificates(config, mistakes);
      const oidc = oidcOf(config);
      await mistakes.attemptLater(checkFiles(oidc));
      const acme = await mistakes.attemptLater(acmeOptions(config));
      mistakes.throwIfAny();
      const changed = changedOptions(SERVER_FIELDS, values);
      using signals = stopSignals();
      await using log = await openLog(config, changed);
      await warnExposedPaths([
        ...guardedConfig(SERVER_FIELDS, collected),
        ...await guardedBy(config),
      ]);
      const options = {
        ...{ ...optionsOf(config), ...certificates, oidc, acme },
        rereadCertificates: () => rereadCertificates(config),
        loggedErrors: log.errors,
        droppedLogLines: log.dropped,
      };
      return await runService(
        (signal) => startServer({ ...options, signal }),
        signals,
        context,
      );
    },
  };
}

/** The configured paths that other users should not be able to change. */
async function guardedBy(
  { dataDir, ...config }: ServerConfig,
): Promise<readonly GuardedPath[]> {
  const certificates = [config.tlsCertFile, config.resignCaCertFile];
  const keys = [config.tlsKeyFile, config.resignCaKeyFile];
  const secrets = [config.oidcClientSecretFile];
  return [
    ...await guardedData(dataDir),
    ...guardedFiles("certificate", certificates),
    ...guardedFiles("private key", keys, true),
    ...guardedFiles("client secret", secrets, true),
    ...guardedFiles("file of trusted CAs", config.cacertFile),
  ];
}

/** The identity provider, if there is one. Its files are read at each use, so that they may change. */
function oidcOf(config: ServerConfig): ServerOptions["oidc"] {
  const { oidcIssuer: issuer, oidcClientSecretFile: secretFile } = config;
  if (issuer === undefined) return undefined;
  return {
    issuer,
    clientId: config.oidcClientId ?? "",
    readClientSecret: secretFile === undefined
      ? undefined
      : () => readSecret(secretFile, "client secret file"),
    readCaCerts: () =>
      Promise.all(config.cacertFile.map((source) => readPem(source))),
    scopes: config.oidcScopes,
    userClaim: config.oidcUserClaim,
    groupsClaim: config.oidcGroupsClaim,
    groups: config.oidcGroups,
  };
}

/** Reads the files once: a mistake is better found at the start. @throws {ConfigError} */
async function checkFiles(oidc: ServerOptions["oidc"]): Promise<void> {
  await oidc?.readClientSecret?.();
  await oidc?.readCaCerts?.();
}

/** The configured certificates, as their files are now. What cannot be read is added to `mistakes`. */
async function readCertificates(
  config: ServerConfig,
  mistakes: Mistakes,
): Promise<Pick<ServerOptions, "tls" | "interceptionCa">> {
  const tls = await mistakes.attemptLater(readKeyPair(
    { option: "--tls-cert-file", path: config.tlsCertFile },
    { option: "--tls-key-file", path: config.tlsKeyFile },
  ));
  const interceptionCa = await mistakes.attemptLater(readKeyPair(
    { option: "--resign-ca-cert-file", path: config.resignCaCertFile },
    { option: "--resign-ca-key-file", path: config.resignCaKeyFile },
  ));
  return { tls, interceptionCa };
}

/** The same once more, while the server runs. @throws {ConfigError} With a line for each file that cannot be used. */
async function rereadCertificates(
  config: ServerConfig,
): Promise<Pick<ServerOptions, "tls" | "interceptionCa">> {
  const mistakes = new Mistakes();
  const certificates = await readCertificates(config, mistakes);
  mistakes.throwIfAny();
  return certificates;
}

/** The path of a certificate or key, and the option that sets it. */
interface PemSource {
  readonly option: string;
  readonly path: string | undefined;
}

async function readKeyPair(
  certificate: PemSource,
  key: PemSource,
): Promise<ServerOptions["tls"]> {
  if (certificate.path === undefined && key.path === undefined) {
    return undefined;
  }
  if (key.path === undefined) throw incomplete(certificate.option, key.option);
  if (certificate.path === undefined) {
    throw incomplete(key.option, certificate.option);
  }
  const [cert, keyPem] = await Promise.all([
    readPem(certificate.path),
    readPem(key.path, "PRIVATE KEY"),
  ]);
  return { cert, key: keyPem };
}

/** @throws {ConfigError} When nobody may send PROXY headers, TLS is left to nobody, or browsers have no proxy. */
function checkTrusted(
  { plainHttp, trustedProxies, proxyAddress, proxyProtocol }: ServerConfig,
): void {
  if (proxyProtocol !== "off" && trustedProxies.length === 0) {
    throw new ConfigError(
      "required",
      "Cannot use --proxy-protocol alone: set --trusted-proxies to the proxies " +
        "that send PROXY headers",
    );
  }
  if (!plainHttp) return;
  if (proxyAddress === "none") {
    throw new ConfigError(
      "badValue",
      "Cannot use --proxy-address none with --plain-http: browsers would have " +
        "no proxy, leave one of them out",
    );
  }
  if (trustedProxies.length > 0) return;
  throw new ConfigError(
    "required",
    "Cannot use --plain-http alone: set --trusted-proxies to the proxies that " +
      "end TLS",
  );
}

/** Browsers need a proxy. @throws {ConfigError} When no port is one. */
function checkProxy({ proxyAddress, httpsProxy }: ServerConfig): void {
  if (proxyAddress !== "none" || httpsProxy === "on") return;
  throw new ConfigError(
    "badValue",
    "Cannot use --proxy-address none with --https-proxy off: browsers would " +
      "have no proxy, leave one of them out",
  );
}

function incomplete(set: string, missing: string): ConfigError {
  return new ConfigError(
    "required",
    `Cannot use ${set} alone: a certificate needs its key, set ${missing}`,
  );
}

/** The certificate by ACME, if one is wanted. @throws {ConfigError} When a file cannot be read. */
async function acmeOptions(
  config: ServerConfig,
): Promise<ServerOptions["acme"]> {
  if (config.acmeDomain.length === 0) return undefined;
  const { acmeEabKeyId: kid, acmeEabHmacKey: hmacKey } = config;
  const isBound = kid !== undefined && hmacKey !== undefined;
  return {
    domains: config.acmeDomain,
    directory: config.acmeDirectory,
    caCerts: await Promise.all(config.acmeCacertFile.map((at) => readPem(at))),
    agreesToTerms: config.acmeAgreeTerms,
    email: config.acmeEmail,
    external: isBound ? { kid, hmacKey } : undefined,
    httpAddress: config.acmeHttpAddress,
  };
}

function optionsOf(
  config: ServerConfig,
): Omit<ServerOptions, "tls" | "resignCa" | "signal"> {
  return {
    address: config.address,
    tunnelAddress: config.tunnelAddress,
    proxyAddress: config.proxyAddress,
    proxyPortRange: config.proxyPortRange,
    proxyPortAllow: config.proxyPortAllow,
    httpsProxy: config.httpsProxy === "on",
    externalUrl: config.externalUrl,
    externalTunnelAddress: config.externalTunnelAddress,
    externalProxyAddress: config.externalProxyAddress,
    externalHost: config.externalHost,
    trustedProxies: config.trustedProxies,
    proxyProtocol: config.proxyProtocol,
    forwardedFields: config.forwardedFields,
    plainHttp: config.plainHttp,
    dataDir: config.dataDir,
    users: config.users.map(({ name, value }) => ({ name, key: value })),
    shutdownTimeout: config.shutdownTimeout,
    direct: config.direct,
    directPorts: config.directPorts,
    httpLog: config.logHttp,
    tunnelMaxExchanges: config.tunnelMaxExchanges,
    headerLimits: {
      maxHeaderBytes: config.maxHeaderSize,
      maxFields: config.maxHeaderFields,
    },
    tunnelRateLimit: config.tunnelRateLimit,
    tunnelRequests: config.tunnelRequests,
    silence: silenceLimits(config.tunnelPingInterval),
    restUserRateLimit: config.restUserRateLimit,
    restAddressRateLimit: config.restAddressRateLimit,
    loginMaxFailures: config.loginMaxFailures,
    maxConnections: config.maxConnections,
    maxConnectionsPerAddress: config.maxConnectionsPerAddress,
    exchangeIdleTimeout: config.exchangeIdleTimeout,
    requestBodyTimeout: config.requestBodyTimeout,
  };
}
