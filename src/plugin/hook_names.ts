/**
 * The hooks there are.
 *
 * @module
 */

/** Every hook by the name it has in a plugin. */
export const HOOKS = [
  "setup",
  "connect",
  "resolve",
  "request",
  "response",
  "tunnel",
] as const;

/** The name of a hook. */
export type HookName = typeof HOOKS[number];

/** What errors and metrics name: a hook, or the end of a plugin. */
export type CallName = HookName | "dispose";
