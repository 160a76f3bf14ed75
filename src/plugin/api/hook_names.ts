/** The name of a hook in a plugin. */
export type HookName =
  | "setup"
  | "connect"
  | "resolve"
  | "request"
  | "response"
  | "message"
  | "tunnel";

/** The name of a call in errors and metrics: a hook, or the end of a plugin. */
export type CallName = HookName | "dispose";

/** Every hook, by the name it has in a plugin. */
export const HOOKS: readonly HookName[] = [
  "setup",
  "connect",
  "resolve",
  "request",
  "response",
  "message",
  "tunnel",
];
