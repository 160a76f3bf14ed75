/*
 * The plugins of a running program: loaded in order, used by the proxy, replaced
 * when their files change, disposed at the end.
 */
import type {
  ExchangeContext,
  Handler,
  ProxyResponse,
} from "../../http/exchange.ts";
import { logger } from "../../log/log.ts";
import type { HookedExchange, Hooks, PluginConnection } from "./chain.ts";
import { BegunExchanges, type PluginEntry, PluginSet } from "./plugin_set.ts";
import { checkSandbox, loadPlugin } from "./load_plugin.ts";
import {
  checkRules,
  findPackages,
  type FoundPackages,
  listPlugins,
} from "../loading/plugin_list.ts";
import { ReadBudget } from "../results/read_budget.ts";
import type { TunnelFacts } from "../api/context.ts";
import type { ConnectTarget, TunnelChange } from "../api/plugin.ts";
import type { FailurePolicy, PluginUse } from "../api/plugin_use.ts";
import type { PluginFailure } from "./failing_hooks.ts";
import type { ReadableRequest } from "../results/change_request.ts";
import type { ExchangeChain } from "./exchange_chain.ts";
import { Reloader, type ReloadOptions } from "./reloader.ts";
import { isWebSocket, WebSockets } from "./websockets.ts";

/** Which plugins to load, and what they run with. */
export interface PluginsOptions extends ReloadOptions {
  /** Whether changed files are loaded again. */
  readonly watch?: boolean;
}

/** Plugins that are set up. They change behind this interface. */
export interface Plugins extends AsyncDisposable {
  /** The names of those in use, in order. */
  readonly names: readonly string[];
  /** Those that fail, or did so a moment ago, in order. */
  readonly failures: readonly NamedFailure[];
  /** Whether one of them has this hook now. */
  has(hook: keyof Hooks): boolean;
  /** Where to connect to. @throws {PluginError} `refused`, or a hook failed. */
  connect(
    target: ConnectTarget,
    exchange: HookedExchange,
  ): Promise<PluginConnection>;
  /** Addresses from the first plugin that knows the name. */
  resolve(
    hostname: string,
    exchange: HookedExchange,
  ): Promise<readonly string[] | undefined>;
  /** Whether a plugin may see the messages of WebSockets to this host. */
  wantsMessages(hostname: string, job: string | undefined): boolean;
  /** `handler` with the `request` and `response` hooks around it. It throws `PluginError`. */
  intercept(handler: Handler): Handler;
  /** Calls the `tunnel` hooks, without waiting for them. */
  emit(event: TunnelChange): void;
  /**
   * Adds a plugin before all others, until the result is disposed. Requests keep
   * the plugins that they began with.
   *
   * @throws {PluginError} When it cannot be loaded or set up, or has the name of another.
   */
  add(use: PluginUse): Promise<AsyncDisposable>;
  /** Reads the list of plugins again. Resolves when it is in use, or the log says why not. */
  reload(): Promise<void>;
}

/** A failure, and whose it is. */
export interface NamedFailure extends PluginFailure {
  readonly plugin: string;
  /** What happens to the requests. */
  readonly onFailure: FailurePolicy;
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
  const packages = await findPackages(options);
  const first = await loadAll(options, packages);
  const reloader = stack.use(new Reloader(first, { ...options, packages }));
  if (options.watch ?? true) await reloader.watch();
  stack.move();
  return new LoadedPlugins(reloader, new WebSockets(options.metrics));
}

async function loadAll(
  options: PluginsOptions,
  packages: FoundPackages,
): Promise<PluginSet> {
  await using stack = new AsyncDisposableStack();
  const entries: PluginEntry[] = [];
  const instances = await listPlugins(options, packages);
  checkRules(options.permissions ?? [], instances);
  const needy = instances.find(({ permissions }) => permissions !== "trusted");
  if (needy !== undefined) checkSandbox(needy.file);
  for (const instance of instances) {
    const plugin = await loadPlugin(instance, options);
    stack.defer(() => plugin.end());
    entries.push({ instance, plugin });
    log.info("plugin loaded", { plugin: plugin.name, file: instance.file });
  }
  const pluginSet = new PluginSet(entries);
  stack.move();
  return pluginSet;
}

class LoadedPlugins implements Plugins {
  readonly #reloader: Reloader;
  readonly #stop = new AbortController();
  /** The plugins of exchanges that have not been answered, by id. */
  readonly #sets = new BegunExchanges();
  readonly #sockets: WebSockets;
  #tunnel: TunnelFacts | undefined;
  #emitted: Promise<void> = Promise.resolve();

  constructor(reloader: Reloader, sockets: WebSockets) {
    this.#reloader = reloader;
    this.#sockets = sockets;
  }

  get names(): readonly string[] {
    return this.#reloader.current.entries.map(({ plugin }) => plugin.name);
  }

  has(hook: keyof Hooks): boolean {
    return this.#reloader.current.hooks[hook] !== undefined;
  }

  get failures(): readonly NamedFailure[] {
    return this.#reloader.current.entries.flatMap(({ plugin }) => {
      const { name, onFailure, failure } = plugin;
      return failure === undefined
        ? []
        : [{ plugin: name, onFailure, ...failure }];
    });
  }

  async add(use: PluginUse): Promise<AsyncDisposable> {
    return await this.#reloader.add(use);
  }

  async reload(): Promise<void> {
    await this.#reloader.reload();
  }

  async connect(
    target: ConnectTarget,
    exchange: HookedExchange,
  ): Promise<PluginConnection> {
    const current = this.#setOf(exchange.id);
    using _held = current.hold();
    return await current.hooks.connect?.(target, exchange) ??
      { place: target, chosen: undefined };
  }

  async resolve(
    hostname: string,
    exchange: HookedExchange,
  ): Promise<readonly string[] | undefined> {
    const current = this.#setOf(exchange.id);
    using _held = current.hold();
    return await current.hooks.resolve?.(hostname, exchange);
  }

  wantsMessages(hostname: string, job: string | undefined): boolean {
    const host = hostname.toLowerCase();
    const { message = [] } = this.#reloader.current.hooks;
    return message.some((plugin) => plugin.mayMatch({ host, job }));
  }

  intercept(handler: Handler): Handler {
    return intercept(handler, {
      current: () => this.#reloader.current,
      sets: this.#sets,
      sockets: this.#sockets,
    });
  }

  /** An exchange keeps the plugins that it began with. */
  #setOf(exchangeId: string | undefined): PluginSet {
    const begun = exchangeId === undefined
      ? undefined
      : this.#sets.get(exchangeId);
    return begun ?? this.#reloader.current;
  }

  emit(event: TunnelChange): void {
    const { tunnel } = event;
    if (tunnel !== undefined && tunnel !== this.#tunnel) {
      this.#tunnel = tunnel;
      for (const { plugin } of this.#reloader.current.entries) {
        plugin.know(tunnel);
      }
    }
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

interface InterceptParts {
  /** The current plugins. An exchange keeps those of its beginning. */
  readonly current: () => PluginSet;
  /** Gets the plugins of each exchange that runs. */
  readonly sets: BegunExchanges;
  readonly sockets: WebSockets;
}

/**
 * A handler whose requests and responses pass through hooks. Each request of a
 * client takes this way: `using` would cost more than all the rest of it.
 */
function intercept(handler: Handler, parts: InterceptParts): Handler {
  const { current, sets } = parts;
  return async function intercepted(request, context) {
    const pluginSet = current();
    const { exchange } = pluginSet.hooks;
    if (request.kind === "connect" || exchange === undefined) {
      return await handler(request, context);
    }
    const begun = sets.begin(context.id, pluginSet);
    let chain: ExchangeChain | undefined;
    try {
      chain = exchange(request, context);
      if (chain === undefined) return await handler(request, context);
      const found = { chain, pluginSet, context };
      return await passThrough(request, handler, { ...parts, ...found });
    } finally {
      chain?.[Symbol.dispose]();
      begun[Symbol.dispose]();
    }
  };
}

/** One exchange through the hooks of its plugins. */
async function passThrough(
  request: ReadableRequest,
  handler: Handler,
  { chain, pluginSet, context, sockets }: InterceptParts & {
    readonly chain: ExchangeChain;
    readonly pluginSet: PluginSet;
    readonly context: ExchangeContext;
  },
): Promise<ProxyResponse> {
  const changed = await chain.request(request);
  const isSeen = chain.seesMessages && isWebSocket(request);
  const decided = isSeen ? sockets.offer(changed) : changed;
  const isOfPlugin = decided.kind === "response";
  const response = isOfPlugin ? decided : await handler(decided, context);
  const socket = isSeen ? chain.socket() : undefined;
  if (socket !== undefined) {
    const use = { socket, hold: () => holdBoth(pluginSet, chain) };
    const handshake = { request, isOfPlugin, signal: context.signal };
    const opened = await sockets.opened(response, handshake, use);
    if (opened !== undefined) return opened;
  }
  if (response.kind === "stream") return response;
  return await chain.response(response);
}

/** Keeps the plugins running, and what they know of an exchange. */
function holdBoth(pluginSet: PluginSet, chain: ExchangeChain): Disposable {
  const held = pluginSet.hold();
  const kept = chain.keep();
  return {
    [Symbol.dispose]() {
      kept[Symbol.dispose]();
      held[Symbol.dispose]();
    },
  };
}
