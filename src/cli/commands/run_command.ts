// `sallyport run`: opens a tunnel and keeps it open.
import {
  checkPairs,
  clientOptions,
  type ConfiguredFiles,
  readFiles,
  serverPinOptions,
  serverProxyOptions,
} from "../../client/configured.ts";
import type { PluginSettings } from "../../client/options.ts";
import {
  CLIENT_FIELDS,
  type ClientConfig,
} from "../../config/options/client_config.ts";
import { containerSocket } from "../../config/options/api_config.ts";
import { changedOptions } from "../../config/configz.ts";
import {
  type CollectedOptions,
  gatherOptions,
  validateOptions,
} from "../../config/load.ts";
import { Mistakes } from "../../config/errors.ts";
import type { OptionValues } from "../../config/sources/option_values.ts";
import type { GuardedPath } from "../../config/exposed_paths.ts";
import { yamlFile } from "../../config/sources/yaml_file.ts";
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
import { runService } from "../run_service.ts";
import { stopSignals } from "../signals.ts";
import {
  guardedConfig,
  guardedFiles,
  guardedPlugins,
  warnExposedPaths,
  warnMisspelledVariables,
} from "../config_warnings.ts";

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
    fields: CLIENT_FIELDS,
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
  warnMisspelledVariables(CLIENT_FIELDS, context);
  checkPairs(values, mistakes);
  const config = validateOptions(CLIENT_FIELDS, values, mistakes);
  const files = await readAll(config, values);
  const changed = changedOptions(CLIENT_FIELDS, values);
  const { plugins, ...configured } = files;
  const options = {
    ...clientOptions(config, configured),
    ...serverProxyOptions(config, environment),
    ...await serverPinOptions(config, environment),
    apiSocket: config.apiSocket ?? containerSocket(environment),
    plugins: reloadable(plugins, { config, values, recollect }),
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

/** The configured files, which are read before anything starts. */
interface Files extends ConfiguredFiles {
  readonly plugins: PluginSettings;
}

/** @throws {ConfigError} With a line for each file that cannot be used. */
async function readAll(
  config: ClientConfig,
  values: OptionValues,
): Promise<Files> {
  const mistakes = new Mistakes();
  const files = await readFiles(config, values, { mistakes });
  const plugins = await mistakes.attemptLater(pluginSettings(config, values));
  mistakes.throwIfAny();
  return { ...files, plugins: plugins ?? {} };
}
