/**
 * A whole system whose client has plugins, and the files they come from.
 *
 * @module
 */
import type {
  ClientOptions,
  PluginSettings,
} from "../../src/client/options.ts";
import type { PermissionRule } from "../../src/plugin/api/permissions.ts";
import type { PluginUse } from "../../src/plugin/api/plugin_use.ts";
import { type EventLog, recordLog } from "../testing/event_log.ts";
import { type TempPlugins, tempPlugins } from "../plugin/temp_plugins.ts";
import {
  type RunningSystem,
  runningSystem,
} from "../testing/running_system.ts";
import { type BrowserProxy, get, type Page } from "../testing/browser.ts";

/** Where plugins run. */
export type Place = "trusted" | "sandboxed";

/** Both, for tests of what holds in either. */
export const PLACES: readonly Place[] = ["trusted", "sandboxed"];

const TRUSTED: readonly PermissionRule[] = [
  { plugin: undefined, permissions: "trusted" },
];

/** What may be different from the defaults. */
export interface PluginSystemOptions {
  readonly place?: Place;
  /** What plugins run with, besides their folder and their place. */
  readonly plugins?: PluginSettings;
  /** What is configured about files, by their names. They come after the others. */
  readonly uses?: Readonly<Record<string, Partial<PluginUse>>>;
  readonly client?: Partial<ClientOptions>;
  /** Certificates in PEM that the client trusts besides the server's CA. */
  readonly trusted?: readonly string[];
}

/** A system with plugins. Hosts under `.test` are this machine. */
export interface PluginSystem extends AsyncDisposable {
  readonly system: RunningSystem;
  readonly proxy: BrowserProxy;
  readonly files: TempPlugins;
  /** The log of server and client. */
  readonly log: EventLog;
  /** Gets a page through the tunnel. */
  get(url: string): Promise<Page>;
}

/**
 * Starts a system whose client loads these files. Those of sandboxed plugins
 * are better JavaScript: `deno test` checks the types of what a worker imports.
 */
export async function startPluginSystem(
  sources: Readonly<Record<string, string>>,
  {
    place = "sandboxed",
    plugins = {},
    uses = {},
    client = {},
    trusted = [],
  }: PluginSystemOptions = {},
): Promise<PluginSystem> {
  await using stack = new AsyncDisposableStack();
  const files = stack.use(await tempPlugins(sources));
  const log = stack.use(await recordLog());
  const system = stack.use(
    await runningSystem({
      trusted,
      client: {
        plugins: {
          directories: [files.directory],
          plugins: Object.entries(uses).map(([name, use]) => ({
            use: files.path(name),
            ...use,
          })),
          permissions: place === "trusted" ? TRUSTED : [],
          watch: false,
          ...plugins,
        },
        dial: { attempts: 1 },
        ...client,
      },
    }),
  );
  const { proxy } = system;
  const parts = stack.move();
  return {
    system,
    proxy,
    files,
    log,
    get: (url) => get(url, proxy),
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}
