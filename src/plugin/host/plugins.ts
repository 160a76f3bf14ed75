/**
 * The plugins of a running program: loaded in order, used by the proxy,
 * replaced when their files change, disposed at the end.
 *
 * @module
 */
import type { Handler } from "../../http/exchange.ts";
import { logger } from "../../log/log.ts";
import type { Address } from "../../net/address/address.ts";
import { Generation, type PlacedPlugin } from "./plugin_set.ts";
import { intercept } from "./intercept.ts";
import { type LoadOptions, loadPlugin } from "../loading/load_plugin.ts";
import { findPlugins, type PluginPlaces } from "../loading/plugin_files.ts";
import type { TunnelChange } from "../api/plugin.ts";
import { Reloader } from "./reloader.ts";

/** Which plugins, and what they run with. */
export interface PluginsOptions extends LoadOptions, PluginPlaces {
  /** Whether files that change are loaded again. */
  readonly watch?: boolean;
}

/** Plugins that are set up. Whoever uses them does not see them change. */
export interface Plugins extends AsyncDisposable {
  /** The names of those in use, in order. */
  readonly names: readonly string[];
  /** Another number whenever plugins have changed: connections may lead elsewhere. */
  readonly version: number;
  /** Where a connection leads. @throws {PluginError} `refused`, or a hook failed. */
  connect(
    target: Address,
    signal: AbortSignal,
    exchangeId?: string,
  ): Promise<Address>;
  /** A `Resolver`: addresses that a plugin knows. */
  resolve(
    hostname: string,
    signal: AbortSignal,
    exchangeId?: string,
  ): Promise<readonly string[] | undefined>;
  /** `handler`, with the hooks for requests and answers around it. It throws `PluginError`. */
  intercept(handler: Handler): Handler;
  /** Tells plugins of the tunnel; they do not hold anything up. */
  tell(event: TunnelChange): void;
}

const log = logger("plugin");

/**
 * Loads all plugins, in order.
 *
 * @throws {PluginError} When one cannot be loaded or set up; those before it
 * have been disposed, the last one first.
 */
export async function startPlugins(
  options: PluginsOptions,
): Promise<Plugins> {
  await using stack = new AsyncDisposableStack();
  const reloader = stack.use(
    new Reloader(await loadAll(options), options),
  );
  if (options.watch ?? true) await reloader.watch();
  stack.move();
  return new PluginsInUse(reloader);
}

async function loadAll(options: PluginsOptions): Promise<Generation> {
  await using stack = new AsyncDisposableStack();
  const placed: PlacedPlugin[] = [];
  for (const file of await findPlugins(options)) {
    const plugin = await loadPlugin(file, options);
    stack.defer(() => plugin.end());
    placed.push({ file, plugin });
    log.info("plugin loaded", { plugin: plugin.name, file: file.file });
  }
  const generation = new Generation(placed);
  stack.move();
  return generation;
}

class PluginsInUse implements Plugins {
  readonly #reloader: Reloader;
  readonly #stop = new AbortController();
  #told: Promise<void> = Promise.resolve();

  constructor(reloader: Reloader) {
    this.#reloader = reloader;
  }

  get names(): readonly string[] {
    return this.#reloader.current.placed.map(({ plugin }) => plugin.name);
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

  tell(event: TunnelChange): void {
    const before = this.#told;
    this.#told = this.#tellAfter(before, event);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // The last news ("stopping") should arrive; each call has its time budget.
    await this.#told;
    this.#stop.abort();
    await this.#reloader[Symbol.asyncDispose]();
  }

  /** In the order in which things happened. */
  async #tellAfter(before: Promise<void>, event: TunnelChange): Promise<void> {
    await before;
    const { current } = this.#reloader;
    using _held = current.hold();
    await current.hooks.tunnel?.(event, this.#stop.signal);
  }
}
