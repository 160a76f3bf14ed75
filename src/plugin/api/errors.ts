import type { CallName } from "./hook_names.ts";

/**
 * - `notLoaded`: the file cannot be read, is not TypeScript, or exports no plugin;
 * - `badOptions`: its schema rejects its options;
 * - `threw`, `timedOut`, `badResult`: a hook failed;
 * - `noRoom`: other hooks keep too much content in memory for this one to read;
 * - `refused`: a `connect` hook refuses the connection, which is not a failure;
 * - `stopped`: the plugin's worker ended before the hook did;
 * - `noSandbox`: this program may not start workers with permissions of their
 *   own, see {@linkcode PluginError}.
 */
export type PluginErrorCode =
  | "notLoaded"
  | "badOptions"
  | "threw"
  | "timedOut"
  | "badResult"
  | "noRoom"
  | "refused"
  | "stopped"
  | "noSandbox";

/** An option that the schema of a plugin refuses. */
export interface OptionIssue {
  /** The keys that lead to it. */
  readonly path: readonly string[];
  /** The schema's own words. */
  readonly message: string;
}

/** The plugin and the hook that failed. */
export interface PluginErrorOptions extends ErrorOptions {
  /** Name of the plugin, or its file while it has none. */
  readonly plugin: string;
  /** The hook, when one was running. */
  readonly hook?: CallName | undefined;
  /** `pin_dns.ts:3:39`: file, line and column, if they are known. */
  readonly location?: string | undefined;
  /** What is wrong with its options, when that is the reason. */
  readonly issues?: readonly OptionIssue[] | undefined;
}

/**
 * A failure of a plugin. The message names the plugin.
 *
 * `noSandbox` is about the program itself: its `deno.json` needs
 * `"unstable": ["worker-options"]`. It is thrown before anything starts.
 */
export class PluginError extends Error {
  /** Always `PluginError`. */
  override readonly name = "PluginError";
  /** What went wrong. */
  readonly code: PluginErrorCode;
  /** Name of the plugin, or its file while it has none. */
  readonly plugin: string;
  /** The hook that was running, if one was. */
  readonly hook: CallName | undefined;
  /** `pin_dns.ts:3:39`: file, line and column, if they are known. */
  readonly location: string | undefined;
  /** What is wrong with its options, when that is the reason. */
  readonly issues: readonly OptionIssue[] | undefined;

  /**
   * Makes an error.
   *
   * @param message A whole sentence that names the plugin.
   */
  constructor(
    code: PluginErrorCode,
    message: string,
    { plugin, hook, location, issues, ...options }: PluginErrorOptions,
  ) {
    super(message, options);
    this.code = code;
    this.plugin = plugin;
    this.hook = hook;
    this.location = location;
    this.issues = issues;
  }
}
