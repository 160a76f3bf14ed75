/*
 * Plugins that are loaded from files and run, for one test.
 */
import type { ObservedCall } from "../../src/plugin/host/plugin_metrics.ts";
import type { PermissionRule } from "../../src/plugin/api/permissions.ts";
import {
  type Plugins,
  type PluginsOptions,
  startPlugins,
} from "../../src/plugin/host/plugins.ts";
import { type EventLog, recordLog } from "../testing/event_log.ts";
import { type TempPlugins, tempPlugins } from "./temp_plugins.ts";

/** Everything runs in the process of the test. */
export const TRUSTED: readonly PermissionRule[] = [
  { plugin: undefined, permissions: "trusted" },
];

/** Plugins and what can be seen of them. */
export interface Started extends AsyncDisposable {
  readonly plugins: Plugins;
  readonly files: TempPlugins;
  readonly log: EventLog;
  readonly calls: readonly ObservedCall[];
  /** Switched on and off, as `name on` and `name off`. */
  readonly switches: readonly string[];
  /** Codes with which WebSockets were closed, because they could not go on. */
  readonly closes: readonly number[];
}

/** Starts the plugins of a folder with these files; in this process by default. */
export async function started(
  sources: Readonly<Record<string, string>>,
  options: Omit<PluginsOptions, "directories" | "metrics"> = {},
): Promise<Started> {
  await using stack = new AsyncDisposableStack();
  const files = stack.use(await tempPlugins(sources));
  const log = stack.use(await recordLog());
  const calls: ObservedCall[] = [];
  const switches: string[] = [];
  const closes: number[] = [];
  const plugins = stack.use(
    await startPlugins({
      directories: [files.directory],
      permissions: TRUSTED,
      watch: false,
      metrics: {
        observe: (call) => calls.push(call),
        setEnabled: (plugin, isEnabled) =>
          switches.push(`${plugin} ${isEnabled ? "on" : "off"}`),
        countSocketClosed: (code) => closes.push(code),
      },
      ...options,
    }),
  );
  const running = stack.move();
  return {
    plugins,
    files,
    log,
    calls,
    switches,
    closes,
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}
