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
import { type PluginEntry, PluginSet } from "./plugin_set.ts";
import { checkSandbox, type LoadOptions, loadPlugin } from "./load_plugin.ts";
import { findPlugins, type PluginPaths } from "../loading/plugin_files.ts";
import { permissionsOf } from "../api/permissions.ts";
import type { MatchSubject } from "../results/match_requests.ts";
import type { ReadableRequest } from "../results/change_request.ts";
import type { TunnelFacts } from "../api/context.ts";
import type { ConnectTarget, TunnelChange } from "../api/plugin.ts";
import type { HookContext } from "./exchange_chain.ts";
import { Reloader } from "./reloader.ts";
import { type InspectedSocket, isWebSocket, WebSockets } from "./websockets.ts";

/** Which plugins to load, and what they run with. */
export interface PluginsOptions extends LoadOptions, PluginPaths {
  /** Whether changed files are loaded again. */
  readonly watch?: boolean;
}

/** Plugins that are set up. They change behind this interface. */
export interface Plugins extends AsyncDisposable {
  /** The names of those in use, in order. */
  readonly names: readonly string[];
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
}

const log = logger("plugin");

/**
 * Loads all plugins, in order.
 *
 * @throws {PluginError} When one cannot be loaded or set up. Those before it are
 * disposed then, in reverse order.
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
  return new LoadedPlugins(reloader, new WebSockets(options.metrics));
}

async function loadAll(options: PluginsOptions): Promise<PluginSet> {
  await using stack = new AsyncDisposableStack();
  const entries: PluginEntry[] = [];
  const files = await findPlugins(options);
  const needy = files.find(({ stem }) =>
    permissionsOf(stem, options.permissions ?? []) !== "trusted"
  );
  if (needy !== undefined) checkSandbox(needy.file);
  for (const file of files) {
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
  #tunnel: TunnelFacts | undefined;
  #emitted: Promise<void> = Promise.resolve();

  readonly #sockets: WebSockets;

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

  async connect(
    target: ConnectTarget,
    exchange: HookedExchange,
  ): Promise<PluginConnection> {
    const { current } = this.#reloader;
    using _held = current.hold();
    return await current.hooks.connect?.(target, exchange) ??
      { place: target, chosen: undefined };
  }

  async resolve(
    hostname: string,
    exchange: HookedExchange,
  ): Promise<readonly string[] | undefined> {
    const { current } = this.#reloader;
    using _held = current.hold();
    return await current.hooks.resolve?.(hostname, exchange);
  }

  wantsMessages(hostname: string, job: string | undefined): boolean {
    const host = hostname.toLowerCase();
    return this.#reloader.current.hooks.message?.some((plugin) =>
      plugin.isEnabled && plugin.mayMatch({ host, job })
    ) ?? false;
  }

  intercept(handler: Handler): Handler {
    return intercept(() => this.#reloader.current, handler, this.#sockets);
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

/**
 * A handler whose requests and responses pass through hooks.
 *
 * @param current The current plugins. An exchange keeps those of its beginning.
 */
function intercept(
  current: () => PluginSet,
  handler: Handler,
  sockets: WebSockets,
): Handler {
  return async function intercepted(request, context) {
    const pluginSet = current();
    const { hooks } = pluginSet;
    const hasHooks = hooks.request !== undefined ||
      hooks.response !== undefined || hooks.message !== undefined;
    if (request.kind === "connect" || !hasHooks) {
      return await handler(request, context);
    }
    using _held = pluginSet.hold();
    const hookContext = { ...context, original: subjectOf(request, context) };
    const socket = inspectedSocket(request, pluginSet, hookContext);
    const changed = await hooks.request?.(request, hookContext) ?? request;
    const decided = socket === undefined ? changed : sockets.offer(changed);
    const isAnswered = decided.kind === "response";
    const response: ProxyResponse = isAnswered
      ? decided
      : await handler(decided, context);
    if (socket !== undefined) {
      const asked = { request, isOfPlugin: isAnswered };
      const opened = sockets.opened(response, asked, socket);
      if (opened !== undefined) return opened;
    }
    if (response.kind === "stream" || hooks.response === undefined) {
      return response;
    }
    const sent = isAnswered ? request : decided;
    return await hooks.response(response, sent, hookContext);
  };
}

/** The WebSocket that `request` asks for, if a plugin sees its messages. */
function inspectedSocket(
  request: ReadableRequest,
  pluginSet: PluginSet,
  context: HookContext,
): InspectedSocket | undefined {
  const all = pluginSet.hooks.message;
  if (all === undefined || !isWebSocket(request)) return undefined;
  const plugins = all.filter((plugin) =>
    plugin.isEnabled && plugin.matches(context.original)
  );
  if (plugins.length === 0) return undefined;
  return { plugins, context, hold: () => pluginSet.hold() };
}

/** What `match` is compared with. */
function subjectOf(
  { authority, path, method }: ReadableRequest,
  { job }: ExchangeContext,
): MatchSubject {
  const port = /:\d*$/.exec(authority)?.[0].length ?? 0;
  const query = path.indexOf("?");
  return {
    host: authority.slice(0, authority.length - port).toLowerCase(),
    path: query < 0 ? path : path.slice(0, query),
    method,
    job,
  };
}
