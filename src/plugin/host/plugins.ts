/*
 * The plugins of a running program: loaded in order, used by the proxy, replaced
 * when their files change, disposed at the end.
 */
import type { Handler } from "../../http/exchange.ts";
import { logger } from "../../log/log.ts";
import type { Address } from "../../net/address/address.ts";
import { type PluginEntry, PluginSet } from "./plugin_set.ts";
import { type LoadOptions, loadPlugin } from "./load_plugin.ts";
import { findPlugins, type PluginPaths } from "../loading/plugin_files.ts";
import { ReadBudget } from "../results/read_budget.ts";
import type { TunnelChange } from "../api/plugin.ts";
import { Reloader } from "./reloader.ts";

/** Which plugins to load, and what they run with. */
export interface PluginsOptions extends LoadOptions, PluginPaths {
  /** Whether changed files are loaded again. */
  readonly watch?: boolean;
}

/** Plugins that are set up. They change behind this interface. */
export interface Plugins extends AsyncDisposable {
  /** The names of those in use, in order. */
  readonly names: readonly string[];
  /** Increases when plugins change: connections may then lead to other addresses. */
  readonly version: number;
  /** The address to connect to. @throws {PluginError} `refused`, or a hook failed. */
  connect(
    target: Address,
    signal: AbortSignal,
    exchangeId?: string,
  ): Promise<Address>;
  /** A `Resolver`: addresses from a plugin. */
  resolve(
    hostname: string,
    signal: AbortSignal,
    exchangeId?: string,
  ): Promise<readonly string[] | undefined>;
  /** `handler` with the `request` and `response` hooks around it. It throws `PluginError`. */
  intercept(handler: Handler): Handler;
  /** Calls the `tunnel` hooks, without waiting for them. */
  emit(event: TunnelChange): void;
}

const log = logger("plugin");

/**
 * Loads all plugins, in order.
 *
 * @throws {PluginError} When one cannot be loaded or set up. Those before it are
 * disposed then, in reverse order.
 */
export async function startPlugins(
  given: PluginsOptions,
): Promise<Plugins> {
  const options = { readBudget: new ReadBudget(), ...given };
  await using stack = new AsyncDisposableStack();
  const reloader = stack.use(
    new Reloader(await loadAll(options), options),
  );
  if (options.watch ?? true) await reloader.watch();
  stack.move();
  return new LoadedPlugins(reloader);
}

async function loadAll(options: PluginsOptions): Promise<PluginSet> {
  await using stack = new AsyncDisposableStack();
  const entries: PluginEntry[] = [];
  for (const file of await findPlugins(options)) {
    const plugin = await loadPlugin(file, options);
    stack.defer(() => plugin.end());
    entries.push({ file, plugin });
    log.info("plugin loaded", { plugin: plugin.name, file: file.file });
  }
  const pluginSet = new PluginSet(entries);
  stack.move();
  return pluginSet;
}

class LoadedPlugins implements Plugins {
  readonly #reloader: Reloader;
  readonly #stop = new AbortController();
  #emitted: Promise<void> = Promise.resolve();

  constructor(reloader: Reloader) {
    this.#reloader = reloader;
  }

  get names(): readonly string[] {
    return this.#reloader.current.entries.map(({ plugin }) => plugin.name);
  }

  get version(): number {
    return this.#reloader.version;
  }

  async connect(
    target: Address,
    signal: AbortSignal,
    exchangeId?: string,
  ): Promise<Address> {
    const { current } = this.#reloader;
    using _held = current.hold();
    return await current.hooks.connect?.(target, signal, exchangeId) ?? target;
  }

  async resolve(
    hostname: string,
    signal: AbortSignal,
    exchangeId?: string,
  ): Promise<readonly string[] | undefined> {
    const { current } = this.#reloader;
    using _held = current.hold();
    return await current.hooks.resolve?.(hostname, signal, exchangeId);
  }

  intercept(handler: Handler): Handler {
    return intercept(() => this.#reloader.current, handler);
  }

  emit(event: TunnelChange): void {
    const before = this.#emitted;
    this.#emitted = this.#emitAfter(before, event);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // The last event ("stopping") should arrive. Each call has a time limit.
    await this.#emitted;
    this.#stop.abort();
    await this.#reloader[Symbol.asyncDispose]();
  }

  /** Keeps the order of events. */
  async #emitAfter(before: Promise<void>, event: TunnelChange): Promise<void> {
    await before;
    const { current } = this.#reloader;
    using _held = current.hold();
    await current.hooks.tunnel?.(event, this.#stop.signal);
  }
}

/**
 * A handler whose requests and responses pass through hooks.
 *
 * @param current The current plugins. An exchange keeps those of its beginning.
 */
function intercept(
  current: () => PluginSet,
  handler: Handler,
): Handler {
  return async function intercepted(request, context) {
    const pluginSet = current();
    const { exchange } = pluginSet.hooks;
    if (request.kind === "connect" || exchange === undefined) {
      return await handler(request, context);
    }
    using _held = pluginSet.hold();
    using chain = exchange(request, context);
    const decided = await chain.request(request);
    const response = decided.kind === "response"
      ? decided
      : await handler(decided, context);
    if (response.kind === "stream") return response;
    return await chain.response(response);
  };
}
