/* Loads a file to a plugin that is set up, in this process or in a worker. */
import { pathToFileURL } from "node:url";
import { deadline } from "../../async/timer.ts";
import {
  hasWorkerPermissions,
  WORKER_PERMISSIONS_HINT,
} from "../../async/worker_permissions.ts";
import { logger } from "../../log/log.ts";
import { systemReason } from "../../log/system_reason.ts";
import type { LogFields, PluginLog, TunnelFacts } from "../api/context.ts";
import { PluginError } from "../api/errors.ts";
import {
  type CheckedModule,
  GraphError,
  readGraph,
} from "../loading/module_graph.ts";
import {
  type LoadContext,
  openPlugin,
  type PluginSource,
} from "../running/open_plugin.ts";
import {
  type PermissionRule,
  permissionsOf,
  type PluginPermissions,
} from "../api/permissions.ts";
import { formatErrorReport } from "../loading/error_location.ts";
import { PluginSender, type PluginWay } from "./plugin_sender.ts";
import type { PluginFile } from "../loading/plugin_files.ts";
import type { RunningPlugin } from "../running/running_plugin.ts";
import {
  SupervisedPlugin,
  type SupervisionOptions,
} from "./supervised_plugin.ts";
import { openWorkerPlugin } from "../worker/worker_plugin.ts";

/** What plugins run with. */
export interface LoadOptions extends SupervisionOptions {
  /** How long loading one file may take, in milliseconds. */
  readonly loadBudget?: number;
  /** What plugins may do. Without a rule, they may only load their own files. */
  readonly permissions?: readonly PermissionRule[];
  /** Options by the name of the plugin. */
  readonly options?: Readonly<Record<string, unknown>>;
  /** How plugins reach sites with `context.fetch`. Default: not at all. */
  readonly way?: PluginWay | undefined;
  /** The tunnel, once there is one. */
  readonly tunnel?: (() => TunnelFacts | undefined) | undefined;
}

/** Sends nothing. */
const NO_WAY: PluginWay = {
  handler: () => Promise.reject(new Error("there is no client")),
  explain: (cause) => ({ reason: "unexpected", message: String(cause) }),
};

const log = logger("plugin");

/** In milliseconds. A worker starts in 50 ms, but not on a machine that is busy with tests. */
const LOAD_BUDGET = 15_000;

/** Counts loads. The runtime caches modules by URL until the process ends: each load needs another URL. */
let loads = 0;

/**
 * Checks a plugin with all its imports, loads it and sets it up. Earlier versions
 * of the file do not matter. In this process, however, the imports of trusted
 * plugins stay those of the first load.
 *
 * @throws {PluginError} When it cannot be loaded or set up. It is ended then.
 */
export async function loadPlugin(
  file: PluginFile,
  options: LoadOptions = {},
): Promise<SupervisedPlugin> {
  const plugin = new SupervisedPlugin(await open(file, options), options);
  try {
    await plugin.setUp();
    return plugin;
  } catch (thrown) {
    await plugin.end();
    throw thrown;
  }
}

async function open(
  { file, path, stem }: PluginFile,
  {
    permissions: rules = [],
    options = {},
    loadBudget = LOAD_BUDGET,
    way = NO_WAY,
    tunnel = () => undefined,
  }: LoadOptions,
): Promise<RunningPlugin> {
  const permissions = permissionsOf(stem, rules);
  if (permissions !== "trusted") checkSandbox(file);
  const modules = await checkedModules({ file, path }, permissions);
  loads += 1;
  const source = { file, url: `${pathToFileURL(path)}?v=${loads}` };
  const context: LoadContext = {
    optionsOf: (name) => Object.hasOwn(options, name) ? options[name] : {},
    logOf,
    senderOf(name) {
      const sender = new PluginSender({ name, permissions, way });
      return (...request) => sender.send(...request);
    },
    tunnel,
  };
  return permissions === "trusted"
    ? await openLocal(source, context, loadBudget)
    : await openWorkerPlugin(source, {
      ...context,
      modules,
      permissions,
      loadBudget,
    });
}

/**
 * Checks that plugins can have workers of their own.
 *
 * @param file The plugin that needs one, for the message.
 * @throws {PluginError} `noSandbox`.
 */
export function checkSandbox(file: string): void {
  if (hasWorkerPermissions()) return;
  throw new PluginError(
    "noSandbox",
    `Cannot load plugin "${file}": this program has no sandbox for it, ` +
      `${WORKER_PERMISSIONS_HINT}; or run the plugin as "trusted"`,
    { plugin: file },
  );
}

/** The plugin with all its imports, before any of its code runs. */
async function checkedModules(
  { file, path }: Pick<PluginFile, "file" | "path">,
  permissions: PluginPermissions,
): Promise<readonly CheckedModule[]> {
  try {
    return await readGraph(path, permissions);
  } catch (cause) {
    const message = cause instanceof TypeError
      ? cause.message
      : systemReason(cause);
    const location = cause instanceof GraphError ? cause.location : undefined;
    const reason = formatErrorReport({ message, location });
    throw new PluginError(
      "notLoaded",
      `Cannot load plugin "${file}": ${reason}`,
      { plugin: file, cause },
    );
  }
}

async function openLocal(
  source: PluginSource,
  context: LoadContext,
  loadBudget: number,
): Promise<RunningPlugin> {
  const { file, url } = source;
  let isLate = false;
  try {
    return await deadline(
      openPlugin(source, () => import(url), context),
      loadBudget,
      () => isLate = true,
    );
  } catch (cause) {
    if (!isLate) throw cause;
    throw new PluginError(
      "notLoaded",
      `Cannot load plugin "${file}": it takes longer than ${loadBudget} ms`,
      { plugin: file, cause },
    );
  }
}

/** The name comes last, so that a plugin cannot use that of another. */
function logOf(name: string): PluginLog {
  const withName = (fields?: LogFields): LogFields => ({
    ...fields,
    plugin: name,
  });
  return {
    debug: (message, fields) => log.debug(message, withName(fields)),
    info: (message, fields) => log.info(message, withName(fields)),
    warn: (message, fields) => log.warn(message, withName(fields)),
    error: (message, fields) => log.error(message, withName(fields)),
  };
}
