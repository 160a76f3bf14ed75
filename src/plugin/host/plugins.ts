/**
 * The plugins of a running program: loaded in order, used by the proxy,
 * replaced when their files change, disposed at the end.
 *
 * @module
 */
import type { Handler, ProxyResponse } from "../../http/exchange.ts";
import { logger } from "../../log/log.ts";
import type { Address } from "../../net/address/address.ts";
import { type PluginEntry, PluginSet } from "./plugin_set.ts";
import { type LoadOptions, loadPlugin } from "./load_plugin.ts";
import { findPlugins, type PluginPaths } from "../loading/plugin_files.ts";
import type { TunnelChange } from "../api/plugin.ts";
import { Reloader } from "./reloader.ts";

/** Which plugins, and what they run with. */
export interface PluginsOptions extends LoadOptions, PluginPaths {
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
  connect(target: Address, signal: AbortSignal): Promise<Address>;
  /** A `Resolver`: addresses that a plugin knows. */
  resolve(
    hostname: string,
    signal: AbortSignal,
  ): Promise<readonly string[] | undefined>;
  /** `handler`, with the hooks for requests and answers around it. It throws `PluginError`. */
  intercept(handler: Handler): Handler;
  /** Tells plugins of the tunnel; they do not hold anything up. */
  emit(event: TunnelChange): void;
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

  async connect(target: Address, signal: AbortSignal): Promise<Address> {
    const { current } = this.#reloader;
    using _held = current.hold();
    return await current.hooks.connect?.(target, signal) ?? target;
  }

  async resolve(
    hostname: string,
    signal: AbortSignal,
  ): Promise<readonly string[] | undefined> {
    const { current } = this.#reloader;
    using _held = current.hold();
    return await current.hooks.resolve?.(hostname, signal);
  }

  intercept(handler: Handler): Handler {
    return intercept(() => this.#reloader.current, handler);
  }

  emit(event: TunnelChange): void {
    const before = this.#emitted;
    this.#emitted = this.#emitAfter(before, event);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // The last news ("stopping") should arrive; each call has its time budget.
    await this.#emitted;
    this.#stop.abort();
    await this.#reloader[Symbol.asyncDispose]();
  }

  /** In the order in which things happened. */
  async #emitAfter(before: Promise<void>, event: TunnelChange): Promise<void> {
    await before;
    const { current } = this.#reloader;
    using _held = current.hold();
    await current.hooks.tunnel?.(event, this.#stop.signal);
  }
}

/**
 * A handler whose requests and answers pass through hooks.
 *
 * @param current The plugins of now; an exchange keeps those it begins with.
 */
function intercept(
  current: () => PluginSet,
  handler: Handler,
): Handler {
  return async function intercepted(request, context) {
    const pluginSet = current();
    const { hooks } = pluginSet;
    const hasHooks = hooks.request !== undefined ||
      hooks.response !== undefined;
    if (request.kind === "connect" || !hasHooks) {
      return await handler(request, context);
    }
    using _held = pluginSet.hold();
    const decided = await hooks.request?.(request, context) ?? request;
    const isAnswered = decided.kind === "response";
    const response: ProxyResponse = isAnswered
      ? decided
      : await handler(decided, context);
    if (response.kind === "stream" || hooks.response === undefined) {
      return response;
    }
    const sent = isAnswered ? request : decided;
    return await hooks.response(response, sent, context);
  };
}
