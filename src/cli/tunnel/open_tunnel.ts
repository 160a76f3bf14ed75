// Opens a tunnel with options that were collected, alone or around a command.
import { resolve } from "node:path";
import {
  checkPairs,
  clientOptions,
  type ConfiguredFiles,
  readFiles,
  serverPinOptions,
  serverProxyOptions,
} from "../../client/configured.ts";
import type { ClientOptions, PluginSettings } from "../../client/options.ts";
import {
  CLIENT_FIELDS,
  type ClientConfig,
} from "../../config/options/client_config.ts";
import { containerSocket } from "../../config/options/api_config.ts";
import { changedOptions, configz, sourcesText } from "../../config/configz.ts";
import { type CollectedOptions, validateOptions } from "../../config/load.ts";
import { runningTunnels } from "../../config/running_tunnels.ts";
import { ConfigError, Mistakes } from "../../config/errors.ts";
import type { OptionValues } from "../../config/sources/option_values.ts";
import type { GuardedPath } from "../../config/exposed_paths.ts";
import type { ConfiguredLog } from "../../log/configure.ts";
import type { ClientSnapshot } from "../../client/state.ts";
import { logger } from "../../log/log.ts";
import type { DetachReport } from "../detached/messages.ts";
import type { Context } from "../context.ts";
import { openLiveStatus } from "../live/live_status.ts";
import type { Launcher } from "../launch/launcher.ts";
import { openLog } from "../open_log.ts";
import type { Service, Services } from "../services.ts";
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
import { runAround, STANDARD_ERROR, tellFailures } from "./around_command.ts";
import { RUN_MODE_FIELDS } from "./run_fields.ts";
import { runDetached } from "./run_detached.ts";
import { FailureSummary } from "./failure_summary.ts";

/** What a tunnel is opened with. */
export interface TunnelContext {
  readonly context: Context;
  readonly services: Pick<Services, "startClient">;
  /** Called when lines can be logged. */
  readonly onLog?: () => void;
  /** Collects the options again, when the configuration file has changed. Default: it is read once. */
  readonly recollect?: (() => Promise<CollectedOptions>) | undefined;
  /** What it runs beside. Default: it runs by itself until a signal comes. */
  readonly mode?: TunnelMode | undefined;
}

/** What a tunnel runs beside: a command, or nothing, in the background. */
export type TunnelMode =
  | { readonly kind: "around"; readonly launcher: Launcher }
  | {
    readonly kind: "detached";
    /** Tells the process that waits for the tunnel. */
    readonly report: (report: DetachReport) => void;
  };

/**
 * Opens a tunnel with the options that were collected, and keeps it open.
 *
 * @returns The exit code.
 * @throws {ConfigError} With all mistakes.
 */
export async function openTunnel(
  collected: CollectedOptions,
  { context, services, onLog, recollect, mode }: TunnelContext,
): Promise<number> {
  const { values } = collected;
  const { config, files, options } = await readTunnelSettings(collected, {
    context,
    recollect,
  });
  return await runnerOf(mode)({
    ...{ context, config, values },
    changed: changedOptions(CLIENT_FIELDS, values),
    async start(log, more) {
      onLog?.();
      await warnExposedPaths([
        ...guardedConfig(CLIENT_FIELDS, collected),
        ...await guardedBy(config, files),
      ]);
      const keepsFiles = mode?.kind === "detached" ||
        writes(config, options.apiSocket);
      if (!keepsFiles) {
        await context.revokePermissions(["write"]);
      }
      const watched = {
        ...options,
        loggedErrors: log.errors,
        droppedLogLines: log.dropped,
      };
      return (signal) => services.startClient({ ...watched, ...more, signal });
    },
  });
}

/** A tunnel whose options are read. */
interface PreparedTunnel {
  readonly context: Context;
  readonly config: ClientConfig;
  readonly values: OptionValues;
  /** The options that are set, for the log. */
  readonly changed: Readonly<Record<string, string>>;
  /** Called when lines can be logged; gives what starts the client. */
  start(
    log: ConfiguredLog,
    more: Partial<ClientOptions>,
  ): Promise<(signal: AbortSignal) => Promise<Service>>;
}

async function runUntilStopped(
  { context, config, changed, start }: PreparedTunnel,
): Promise<number> {
  using signals = stopSignals();
  await using live = openLiveStatus(config, context.environment);
  await using log = await openLog(config, changed, live?.target);
  const startClient = await start(
    log,
    live === undefined ? {} : { onStatus: live.watch },
  );
  return await runService(startClient, signals, context);
}

async function runBesideCommand(
  launcher: Launcher,
  { context, config, values, changed, start }: PreparedTunnel,
): Promise<number> {
  const { commandProxy } = validateOptions(RUN_MODE_FIELDS, values);
  const failures = new FailureSummary();
  let code: number;
  {
    await using log = await openLog(config, changed, STANDARD_ERROR);
    const startClient = await start(log, {
      onFailure: (failed) => failures.add(failed),
    });
    code = await runAround(startClient, {
      ...{ launcher, context, config },
      isProxied: commandProxy,
      shutdownTimeout: values.has("shutdown-timeout")
        ? config.shutdownTimeout
        : undefined,
    });
  }
  tellFailures(failures, context.printError);
  return code;
}

async function runInBackground(
  report: (report: DetachReport) => void,
  { context, config, changed, start }: PreparedTunnel,
): Promise<number> {
  const tunnels = runningTunnels(context.environment);
  if (tunnels === undefined) {
    throw new ConfigError(
      "required",
      "Cannot run in the background: there is no home directory, set " +
        "XDG_STATE_HOME",
    );
  }
  const logFile = config.logFile ?? await tunnels.newLog(config.tunnelName);
  using signals = stopSignals();
  await using log = await openLog({ ...config, logFile }, changed);
  let read: (() => ClientSnapshot) | undefined;
  const startClient = await start(log, { onStatus: (given) => read = given });
  return await runDetached(
    {
      ...{ config, tunnels, report },
      start: startClient,
      read: () => snapshot(read),
      log: resolve(logFile),
    },
    signals,
    {
      ...context,
      printError(message) {
        // Nobody may be left to read standard error.
        logger("control").error(message);
        context.printError(message);
      },
    },
  );
}

/** Asked only when the client has started, which says how it is. */
function snapshot(read: (() => ClientSnapshot) | undefined): ClientSnapshot {
  if (read === undefined) throw new TypeError("The client has no status");
  return read();
}

function runnerOf(
  mode: TunnelMode | undefined,
): (tunnel: PreparedTunnel) => Promise<number> {
  switch (mode?.kind) {
    case undefined:
      return runUntilStopped;
    case "around":
      return (tunnel) => runBesideCommand(mode.launcher, tunnel);
    case "detached":
      return (tunnel) => runInBackground(mode.report, tunnel);
  }
}

/** Reads the options of a client, and the files that they name. @throws {ConfigError} With all mistakes. */
export async function readTunnelSettings(
  { values, mistakes }: CollectedOptions,
  { context, recollect }: Pick<TunnelContext, "context" | "recollect">,
): Promise<{
  readonly config: ClientConfig;
  readonly files: Files;
  readonly options: ClientOptions;
}> {
  const { environment } = context;
  warnMisspelledVariables(CLIENT_FIELDS, context);
  checkPairs(values, mistakes);
  const config = validateOptions(CLIENT_FIELDS, values, mistakes);
  const files = await readAll(config, values);
  const { plugins, ...configured } = files;
  const options = {
    ...clientOptions(config, configured),
    configz: configz(CLIENT_FIELDS, config) + sourcesText(values),
    ...serverProxyOptions(config, environment),
    ...await serverPinOptions(config, environment),
    apiSocket: config.apiSocket ?? containerSocket(environment),
    plugins: reloadable(plugins, { config, values, recollect }),
  };
  return { config, files, options };
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
