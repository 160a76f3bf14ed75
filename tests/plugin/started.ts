/*
 * Plugins that are loaded from files and run, for one test.
 */
import type { ObservedCall } from "../../src/plugin/host/plugin_metrics.ts";
import type { PermissionRule } from "../../src/plugin/api/permissions.ts";
import type { PluginUse } from "../../src/plugin/api/plugin_use.ts";
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
  /** In use and removed, as `name on` and `name off`. */
  readonly switches: readonly string[];
  /** Failing and working again, as `name fails` and `name works`. */
  readonly health: readonly string[];
  /** Requests that passed without a plugin, as `name hook`. */
  readonly skipped: readonly string[];
  /** Codes with which WebSockets were closed, because they could not go on. */
  readonly closes: readonly number[];
}

/** What plugins of a test are started with. */
export interface StartedOptions
  extends Omit<PluginsOptions, "directories" | "metrics" | "plugins"> {
  /** What is configured about files, by their names. They come after the others. */
  readonly uses?: Readonly<Record<string, Partial<PluginUse>>>;
}

/** Starts the plugins of a folder with these files; in this process by default. */
export async function started(
  sources: Readonly<Record<string, string>>,
  { uses = {}, ...options }: StartedOptions = {},
): Promise<Started> {
  await using stack = new AsyncDisposableStack();
  const files = stack.use(await tempPlugins(sources));
  const log = stack.use(await recordLog());
  const calls: ObservedCall[] = [];
  const switches: string[] = [];
  const health: string[] = [];
  const skipped: string[] = [];
  const closes: number[] = [];
  const plugins = stack.use(
    await startPlugins({
      directories: [files.directory],
      plugins: Object.entries(uses).map(([name, use]) => ({
        use: files.path(name),
        ...use,
      })),
      permissions: TRUSTED,
      watch: false,
      metrics: {
        observe: (call) => calls.push(call),
        setEnabled: (plugin, isEnabled) =>
          switches.push(`${plugin} ${isEnabled ? "on" : "off"}`),
        setFailing: (plugin, isFailing) =>
          health.push(`${plugin} ${isFailing ? "fails" : "works"}`),
        skipped: (plugin, hook) => skipped.push(`${plugin} ${hook}`),
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
    health,
    skipped,
    closes,
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}
