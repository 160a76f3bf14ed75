import type { CallName } from "../api/hook_names.ts";

/** Counts calls of plugins. */
export interface PluginObserver {
  /** Counts a call that has ended. */
  observe(call: ObservedCall): void;
  /** Records whether a plugin is in use. */
  setEnabled(plugin: string, isEnabled: boolean): void;
  /** Records whether the last call of any hook of a plugin failed. */
  setFailing(plugin: string, isFailing: boolean): void;
  /** Counts a request that went on although a hook failed. */
  skipped(plugin: string, hook: CallName): void;
  /** A WebSocket could not go on, and was closed with this code. */
  countSocketClosed(code: number): void;
}

/** One call of one hook. */
export interface ObservedCall {
  readonly plugin: string;
  readonly hook: CallName;
  readonly seconds: number;
  readonly failed: boolean;
}
