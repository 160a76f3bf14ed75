/* Loads a file to a plugin that is set up, in this process or in a worker. */
import { pathToFileURL } from "node:url";
import { deadline } from "../../async/timer.ts";
import {
  hasWorkerPermissions,
  WORKER_PERMISSIONS_HINT,
} from "../../async/worker_permissions.ts";
import { logger } from "../../log/log.ts";
import { systemReason } from "../../log/system_reason.ts";
import { visible } from "../../log/visible.ts";
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
import type { PluginPermissions } from "../api/permissions.ts";
import { withCauses } from "../loading/error_causes.ts";
import { formatErrorReport } from "../loading/error_location.ts";
import type { PluginInstance } from "../loading/plugin_list.ts";
import { PluginSender, type PluginWay } from "./plugin_sender.ts";
import type { RunningPlugin } from "../running/running_plugin.ts";
import {
  SupervisedPlugin,
  type SupervisionOptions,
} from "./supervised_plugin.ts";
import { openWorkerPlugin } from "../worker/worker_plugin.ts";

/** What all plugins run with. */
export interface LoadOptions extends SupervisionOptions {
  /** How long loading one file may take, in milliseconds. */
  readonly loadBudget?: number | undefined;
  /** How plugins reach sites with `context.fetch`. Default: not at all. */
  readonly way?: PluginWay | undefined;
  /** The tunnel, once there is one. */
  readonly tunnel?: (() => TunnelFacts | undefined) | undefined;
  /** Called with each line that a plugin logs. Default: nobody is. */
  readonly onLog?: ((line: PluginLogLine) => void) | undefined;
}

/** A line that a plugin has logged. */
export interface PluginLogLine {
  /** How serious it is. */
  readonly level: keyof PluginLog;
  /** The fixed text. */
  readonly message: string;
  /** Its values. */
  readonly fields: LogFields;
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
  instance: PluginInstance,
  options: LoadOptions = {},
): Promise<SupervisedPlugin> {
  const running = await open(instance, options);
  const { match, onFailure, timeout } = instance;
  const plugin = new SupervisedPlugin(running, {
    ...options,
    ...{ match, onFailure, timeBudget: timeout },
  });
  try {
    await plugin.setUp();
    return plugin;
  } catch (thrown) {
    await plugin.end();
    throw thrown;
  }
}

async function open(
  instance: PluginInstance,
  options: LoadOptions,
): Promise<RunningPlugin> {
  try {
    return await openInstance(instance, options);
  } catch (thrown) {
    throw withPlaces(thrown, instance);
  }
}

async function openInstance(
  instance: PluginInstance,
  {
    loadBudget = LOAD_BUDGET,
    way = NO_WAY,
    tunnel = () => undefined,
    onLog,
  }: LoadOptions,
): Promise<RunningPlugin> {
  const { file, path, plugin, rule, name, permissions } = instance;
  const context: LoadContext = {
    optionsOf: () => instance.options,
    logOf: (name) => logOf(name, onLog),
    senderOf(name) {
      const sender = new PluginSender({
        ...{ name, rule, way },
        // An object of the program may what the program may.
        permissions: path === undefined ? "trusted" : permissions,
      });
      return (...request) => sender.send(...request);
    },
    tunnel,
  };
  loads += 1;
  if (path === undefined) {
    const url = `${OBJECTS}${loads}`;
    const load = () => Promise.resolve({ default: plugin });
    return await openPlugin({ file, url, rule, name }, load, context);
  }
  if (permissions !== "trusted") checkSandbox(file);
  const { root } = instance;
  const modules = await checkedModules({ file, path, root }, permissions);
  const source = {
    file,
    url: `${pathToFileURL(path)}?v=${loads}`,
    rule,
    name,
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

/** Where objects of the program seem to come from. */
const OBJECTS = "file:///plugin-";

/** Says of each wrong option where it is set. */
function withPlaces(thrown: unknown, { placeOf }: PluginInstance): unknown {
  if (!(thrown instanceof PluginError)) return thrown;
  const { issues, plugin } = thrown;
  if (issues === undefined) return thrown;
  const lines = issues.map(({ path, message }) => {
    const place = placeOf?.(["options", ...path]);
    const option = visible(["options", ...path].join("."));
    return `Cannot use ${option} of plugin "${visible(plugin)}"` +
      `${place === undefined ? "" : ` in ${place}`}: ${visible(message)}`;
  });
  return new PluginError(thrown.code, lines.join("\n"), {
    plugin,
    issues,
    cause: thrown,
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
  { file, path, root }: {
    readonly file: string;
    readonly path: string;
    readonly root: string | undefined;
  },
  permissions: PluginPermissions,
): Promise<readonly CheckedModule[]> {
  try {
    return await readGraph(path, permissions, root);
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
function logOf(name: string, onLog: LoadOptions["onLog"]): PluginLog {
  const write = (level: keyof PluginLog) => {
    return (message: string, given?: LogFields): void => {
      const fields = withCauses(given);
      onLog?.({ level, message, fields });
      log[level](message, { ...fields, plugin: name });
    };
  };
  return {
    debug: write("debug"),
    info: write("info"),
    warn: write("warn"),
    error: write("error"),
  };
}
