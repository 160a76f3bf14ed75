/**
 * The hooks there are.
 *
 * @module
 */

/** The name of a hook in a plugin. */
export type HookName =
  | "setup"
  | "connect"
  | "resolve"
  | "request"
  | "response"
  | "tunnel";

/** What errors and metrics name: a hook, or the end of a plugin. */
export type CallName = HookName | "dispose";

/** Every hook, by the name it has in a plugin. */
export const HOOKS: readonly HookName[] = [
  "setup",
  "connect",
  "resolve",
  "request",
  "response",
  "tunnel",
];
