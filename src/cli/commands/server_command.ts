/**
 * `sallyport server`: the other end of the tunnels.
 *
 * @module
 */
import type { GuardedPath } from "../../config/exposed_paths.ts";
import { changedOptions } from "../../config/configz.ts";
import { ConfigError } from "../../config/errors.ts";
import { check, collect } from "../../config/load.ts";
import { readPem } from "../../config/values/read_pem.ts";
import {
  SERVER_FIELDS,
  type ServerConfig,
} from "../../config/options/server_config.ts";
import { yamlFile } from "../../config/sources/yaml_file.ts";
import type { ServerOptions } from "../../server/options.ts";
import { type Command, onlyWord } from "../command.ts";
import { EXIT } from "../exit_code.ts";
import { openLog } from "../open_log.ts";
import type { Parts } from "../parts.ts";
import { runService } from "../run_service.ts";
import {
  guardedConfig,
  guardedData,
  guardedFiles,
  warnExposed,
} from "../warn_exposed.ts";
import { warnMisspelt } from "../warn_misspelt.ts";

/** The command `server`. */
export function serverCommand(
  { startServer }: Pick<Parts, "startServer">,
): Command {
  return {
    name: "server",
    summary: "Run the server that clients and browsers connect to",
    usage: ["server [options]", "server config-file [options]"],
    description: "Gives out tunnels (REST API and page), takes the " +
      "connections of their clients, and is the proxy of the test browsers. " +
      '"config-file" prints a configuration file with all options instead.',
    fields: { ...SERVER_FIELDS },
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
      const settings = await collect(SERVER_FIELDS, { args, environment });
      const { given, words } = settings;
      if (onlyWord(words, ["config-file"])) {
        print(yamlFile(SERVER_FIELDS, given));
        return EXIT.done;
      }
      warnMisspelt({ ...SERVER_FIELDS }, context);
      const config = check(SERVER_FIELDS, given);
      const tls = await readKeyPair(
        { option: "--tls-cert-file", path: config.tlsCertFile },
        { option: "--tls-key-file", path: config.tlsKeyFile },
      );
      const interceptionCa = await readKeyPair(
        { option: "--resign-ca-cert-file", path: config.resignCaCertFile },
        { option: "--resign-ca-key-file", path: config.resignCaKeyFile },
      );
      const changed = changedOptions(SERVER_FIELDS, given);
      await using log = await openLog(config, changed);
      await warnExposed([
        ...guardedConfig(SERVER_FIELDS, settings),
        ...await guardedBy(config),
      ]);
      const options = {
        ...{ ...optionsOf(config), tls, interceptionCa },
        loggedErrors: log.errors,
      };
      return await runService(
        (signal) => startServer({ ...options, signal }),
        context,
      );
    },
  };
}

/** What the configuration names and others should leave alone. */
async function guardedBy(
  { dataDir, ...config }: ServerConfig,
): Promise<readonly GuardedPath[]> {
  const certificates = [config.tlsCertFile, config.resignCaCertFile];
  const keys = [config.tlsKeyFile, config.resignCaKeyFile];
  return [
    ...await guardedData(dataDir),
    ...guardedFiles("certificate", certificates),
    ...guardedFiles("private key", keys, true),
  ];
}

/** Where a certificate and its key come from; `option` is what they are called. */
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
  if (key.path === undefined) throw alone(certificate.option, key.option);
  if (certificate.path === undefined) {
    throw alone(key.option, certificate.option);
  }
  const [cert, keyPem] = await Promise.all([
    readPem(certificate.path),
    readPem(key.path, "PRIVATE KEY"),
  ]);
  return { cert, key: keyPem };
}

function alone(given: string, missing: string): ConfigError {
  return new ConfigError(
    "required",
    `Cannot use ${given} alone: a certificate needs its key, set ${missing}`,
  );
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
    externalHost: config.externalHost,
    dataDir: config.dataDir,
    users: config.users.map(({ name, value }) => ({ name, key: value })),
    shutdownTimeout: config.shutdownTimeout,
    direct: config.direct,
    directPorts: config.directPorts,
    httpLog: config.logHttp,
    tunnelMaxExchanges: config.tunnelMaxExchanges,
    tunnelRateLimit: config.tunnelRateLimit,
    restUserRateLimit: config.restUserRateLimit,
    restAddressRateLimit: config.restAddressRateLimit,
    loginMaxFailures: config.loginMaxFailures,
    maxConnections: config.maxConnections,
    maxConnectionsPerAddress: config.maxConnectionsPerAddress,
    exchangeIdleTimeout: config.exchangeIdleTimeout,
  };
}
