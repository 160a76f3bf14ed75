/**
 * What is counted of plugins.
 *
 * @module
 */
import type { CallName } from "../api/hook_names.ts";

/** Where the numbers go. */
export interface PluginMetrics {
  /** Counts a call that has ended, well or not. */
  observe(call: ObservedCall): void;
  /** Tells that a plugin was switched off, or is in use again. */
  setEnabled(plugin: string, isEnabled: boolean): void;
}

/** One call of one hook. */
export interface ObservedCall {
  readonly plugin: string;
  readonly hook: CallName;
  readonly seconds: number;
  readonly failed: boolean;
}
