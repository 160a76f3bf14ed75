import type { CallName } from "../api/hook_names.ts";

/** Counts calls of plugins. */
export interface PluginObserver {
  /** Counts a call that has ended. */
  observe(call: ObservedCall): void;
  /** Records that a plugin was switched off, or is in use again. */
  setEnabled(plugin: string, isEnabled: boolean): void;
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
