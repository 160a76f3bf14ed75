/* Imports a plugin and checks it. Afterwards, it can be set up. */
import { checkOptions, OptionsError } from "../loading/check_options.ts";
import { type CheckedPlugin, checkPlugin } from "../loading/check_plugin.ts";
import { isObject } from "../results/value_kind.ts";
import type { PluginLog, TunnelFacts } from "../api/context.ts";
import { PluginError, type PluginErrorCode } from "../api/errors.ts";
import type { SendFetch } from "./fetch_data.ts";
import { LocalPlugin } from "./local_plugin.ts";
import type { MaybePromise } from "../api/maybe_promise.ts";
import {
  errorReportOf,
  formatErrorReport,
  type Origin,
} from "../loading/error_location.ts";

/** Where a plugin comes from. Each version has another `?v=` in its URL. */
export interface PluginSource extends Origin {
  /** Its path as the user wrote it, for messages. */
  readonly file: string;
  /** The name that the configuration gives it. */
  readonly name?: string | undefined;
}

/** What a plugin gets from the program. */
export interface LoadContext {
  /** Unchecked options from the configuration, for a plugin that turns out to have this name. */
  readonly optionsOf: (name: string) => MaybePromise<unknown>;
  readonly logOf: (name: string) => PluginLog;
  readonly senderOf: (name: string) => SendFetch;
  /** The tunnel, once there is one. */
  readonly tunnel: () => TunnelFacts | undefined;
}

/**
 * Imports a plugin, and checks its hooks and its options. It calls no hook.
 *
 * @param load Imports the plugin.
 * @throws {PluginError} `notLoaded`, `badOptions`.
 */
export async function openPlugin(
  source: PluginSource,
  load: () => Promise<unknown>,
  { optionsOf, logOf, senderOf, tunnel }: LoadContext,
): Promise<LocalPlugin> {
  const checked = await checkedModule(source, load);
  const { name, schema } = checked;
  const log = logOf(name);
  try {
    const options = await checkOptions(await optionsOf(name), schema);
    return new LocalPlugin(checked, {
      ...{ origin: source, options, log, tunnel },
      send: senderOf(name),
    });
  } catch (cause) {
    throw failure("badOptions", source, cause, name);
  }
}

async function checkedModule(
  source: PluginSource,
  load: () => Promise<unknown>,
): Promise<CheckedPlugin> {
  try {
    const exported = await load();
    // A module's namespace is an object without a prototype.
    return checkPlugin(
      isObject(exported) ? exported : {},
      source.rule,
      source.name,
    );
  } catch (cause) {
    throw failure("notLoaded", source, cause);
  }
}

function failure(
  code: PluginErrorCode,
  source: PluginSource,
  cause: unknown,
  plugin = source.file,
): PluginError {
  const { file } = source;
  const about = code === "badOptions" ? "invalid options: " : "";
  const reason = formatErrorReport(errorReportOf(cause, source));
  return new PluginError(
    code,
    `Cannot load plugin "${file}": ${about}${reason}`,
    {
      plugin,
      cause,
      issues: cause instanceof OptionsError ? cause.issues : undefined,
    },
  );
}
