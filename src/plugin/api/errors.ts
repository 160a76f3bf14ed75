/**
 * What can go wrong with a plugin.
 *
 * @module
 */
import type { CallName } from "./hook_names.ts";

/**
 * - `notLoaded`: the file cannot be read, is not TypeScript, or exports no plugin;
 * - `badOptions`: its schema does not like what the configuration says;
 * - `threw`, `timedOut`, `badResult`: a hook failed;
 * - `refused`: a `connect` hook does not want the connection: not a failure;
 * - `stopped`: the plugin's worker ended before the hook did.
 */
export type PluginErrorCode =
  | "notLoaded"
  | "badOptions"
  | "threw"
  | "timedOut"
  | "badResult"
  | "refused"
  | "stopped";

/** Which plugin, and where in it. */
export interface PluginErrorOptions extends ErrorOptions {
  /** Name of the plugin, or its file as long as it has none. */
  readonly plugin: string;
  /** The hook, when one was running. */
  readonly hook?: CallName | undefined;
}

/** A plugin that did not do what it was asked. The message names it. */
export class PluginError extends Error {
  /** Always `PluginError`. */
  override readonly name = "PluginError";
  /** What went wrong. */
  readonly code: PluginErrorCode;
  /** Name of the plugin, or its file as long as it has none. */
  readonly plugin: string;
  /** The hook that was running, if one was. */
  readonly hook: CallName | undefined;

  /**
   * Makes an error.
   *
   * @param message A whole sentence that names the plugin.
   */
  constructor(
    code: PluginErrorCode,
    message: string,
    { plugin, hook, ...options }: PluginErrorOptions,
  ) {
    super(message, options);
    this.code = code;
    this.plugin = plugin;
    this.hook = hook;
  }
}
