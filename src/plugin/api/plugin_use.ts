/* One plugin of a client: what is used, and how. */
import type { Match } from "./match.ts";
import type { Plugin } from "./plugin.ts";

/** A plugin in the list of a client. The order of the list is that of the hooks. */
export interface PluginUse {
  /**
   * The plugin: an object, which runs in this process, or where it is: the path
   * or `file:` URL of a TypeScript or JavaScript file, or `npm:name@version`.
   */
  readonly use: Plugin<never> | string | URL;
  /** Its name in log, metrics and messages. By default its own, or that of its file. One file can be used twice, with two names. */
  readonly name?: string | undefined;
  /** Limits the requests that the hooks `request` and `response` get, besides its own `match`. */
  readonly match?: Match | readonly Match[] | undefined;
  /** What its hooks get as `context.options`. Its own schema checks them. */
  readonly options?: unknown;
  /** What it may do. Default: nothing. An object is always `trusted`. */
  readonly allow?: "trusted" | PluginAllowance | undefined;
  /** How long one call of a hook may take, in milliseconds. Default: that of all plugins, 5,000. */
  readonly timeout?: number | undefined;
  /** What happens to a request whose hook fails. Default `fail`. */
  readonly onFailure?: FailurePolicy | undefined;
}

/** What a plugin in a sandbox may do. Parts that are left out are not allowed. */
export interface PluginAllowance {
  /** Hosts, with or without a port: `api.test:443`; `true` for all. */
  readonly net?: readonly string[] | boolean | undefined;
  /** Files and folders to read; `true` for all. */
  readonly read?: readonly string[] | boolean | undefined;
  /** Files and folders to write; `true` for all. */
  readonly write?: readonly string[] | boolean | undefined;
  /** Names of environment variables; `true` for all. */
  readonly env?: readonly string[] | boolean | undefined;
}

/**
 * - `fail`: the browser gets an error, which names the plugin;
 * - `skip`: the request passes as if the plugin were not there.
 *
 * Both write to the log and count.
 */
export type FailurePolicy = "fail" | "skip";
