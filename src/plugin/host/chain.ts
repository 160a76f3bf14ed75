/*
 * Combines many plugins to one function for each hook: their order, and what
 * happens when one of them fails.
 */
import { type Address, formatAddress } from "../../net/address/address.ts";
import type { UpstreamProxy } from "../../net/address/upstream_proxy.ts";
import { PluginError } from "../api/errors.ts";
import type { ReadableRequest } from "../results/change_request.ts";
import { ExchangeChain, type HookContext } from "./exchange_chain.ts";
import type { HookName } from "../api/hook_names.ts";
import type { CallSubject } from "../running/call.ts";
import type { ConnectTarget, TunnelChange } from "../api/plugin.ts";
import { readProxy } from "../results/read_result.ts";
import { MatchingPlugins } from "./matching_plugins.ts";
import type { SupervisedPlugin } from "./supervised_plugin.ts";

/** The exchange that a hook is called for. */
export interface HookedExchange extends CallSubject {
  /** Aborted when nobody waits for the exchange any more. */
  readonly signal: AbortSignal;
}

/** Where a connection is to lead. */
export interface PluginConnection {
  /** The host and the port. */
  readonly place: Address;
  /** How it is to be reached; `undefined` where no plugin says so. */
  readonly chosen: ChosenProxy | undefined;
}

/** An upstream proxy, or none, and the plugin that has chosen it. */
export interface ChosenProxy {
  /** `direct`: no upstream proxy. */
  readonly proxy: UpstreamProxy | "direct";
  readonly plugin: string;
}

/**
 * The hooks of all plugins together. A hook that no plugin has is `undefined`:
 * callers can skip the work for it.
 */
export interface Hooks {
  /** Where to connect to. @throws {PluginError} `refused`, or a hook failed. */
  readonly connect?: (
    target: ConnectTarget,
    exchange: HookedExchange,
  ) => Promise<PluginConnection>;
  /** The addresses from the first plugin that has some. Never throws. */
  readonly resolve?: (
    hostname: string,
    exchange: HookedExchange,
  ) => Promise<readonly string[] | undefined>;
  /**
   * Begins an exchange: `request` and `response` hooks. The caller disposes it.
   * `undefined` when no plugin is called for it.
   */
  readonly exchange?: (
    original: ReadableRequest,
    context: HookContext,
  ) => ExchangeChain | undefined;
  /** The plugins that see messages of WebSockets. */
  readonly message?: readonly SupervisedPlugin[];
  /** Calls the hooks of all plugins. Never throws. */
  readonly tunnel?: (event: TunnelChange, signal: AbortSignal) => Promise<void>;
}

type Plugins = readonly SupervisedPlugin[];

/** Makes the hooks of `plugins`, which are called in this order. */
export function createHooks(plugins: Plugins): Hooks {
  const having = (hook: HookName): Plugins | undefined => {
    const found = plugins.filter((plugin) => plugin.has(hook));
    return found.length === 0 ? undefined : found;
  };
  const connect = having("connect");
  const resolve = having("resolve");
  const exchanging = plugins.filter((plugin) =>
    plugin.has("request") || plugin.has("response") || plugin.has("message")
  );
  const message = having("message");
  const tunnel = having("tunnel");
  return {
    ...connect && { connect: connectThrough(connect) },
    ...resolve && { resolve: resolveThrough(resolve) },
    ...exchanging.length > 0 && {
      exchange: exchangeThrough(exchanging),
    },
    ...message && { message },
    ...tunnel && { tunnel: tunnelThrough(tunnel) },
  };
}

function exchangeThrough(plugins: Plugins): NonNullable<Hooks["exchange"]> {
  const matching = new MatchingPlugins(plugins);
  return function exchange(original, context) {
    const found = matching.of(original, context.job);
    if (found.length === 0) return undefined;
    return new ExchangeChain(found, original, context);
  };
}

function connectThrough(plugins: Plugins): NonNullable<Hooks["connect"]> {
  return async function connect({ hostname, port, kind }, exchange) {
    let current: PluginConnection = {
      place: { hostname: hostname.toLowerCase(), port },
      chosen: undefined,
    };
    for (const plugin of plugins) {
      try {
        current = await connectStep(current, { plugin, kind, exchange });
      } catch (thrown) {
        if (!plugin.skips({ hook: "connect" }, thrown)) throw thrown;
      }
    }
    return current;
  };
}

async function connectStep(
  current: PluginConnection,
  { plugin, kind, exchange }: {
    readonly plugin: SupervisedPlugin;
    readonly kind: ConnectTarget["kind"];
    readonly exchange: HookedExchange;
  },
): Promise<PluginConnection> {
  const hook = "connect";
  const { signal } = exchange;
  const { name } = plugin;
  const outcome = await plugin.run(
    { hook, signal, exchange: subjectOf(exchange) },
    (running, call) => running.connect({ ...current.place, kind }, call),
  );
  if (outcome === undefined) return current;
  const edits = plugin.editsOf(exchange.id);
  if ("refuse" in outcome) {
    edits?.stopped(name, hook, outcome.refuse);
    throw new PluginError(
      "refused",
      `Plugin "${name}" refuses connections to ` +
        `"${formatAddress(current.place)}": ${outcome.refuse}`,
      { plugin: name, hook },
    );
  }
  const { proxy, ...moved } = outcome;
  const next: PluginConnection = {
    place: { ...current.place, ...moved },
    chosen: proxy === undefined
      ? current.chosen
      : { proxy: readProxy(proxy), plugin: name },
  };
  edits?.redirected(
    name,
    hook,
    formatAddress(current.place),
    describeConnection(next),
  );
  return next;
}

/** For people, without credentials. */
export function describeConnection(
  { place, chosen }: PluginConnection,
): string {
  const to = formatAddress(place);
  if (chosen === undefined) return to;
  const { proxy } = chosen;
  return proxy === "direct"
    ? `${to} directly`
    : `${to} through ${proxy.protocol}://${formatAddress(proxy)}`;
}

function resolveThrough(plugins: Plugins): NonNullable<Hooks["resolve"]> {
  return async function resolve(hostname, exchange) {
    const hook = "resolve";
    const name = hostname.toLowerCase();
    const { id, signal } = exchange;
    for (const plugin of plugins) {
      try {
        const addresses = await plugin.run(
          { hook, signal, exchange: subjectOf(exchange) },
          (running, call) => running.resolve(name, call),
        );
        if (addresses === undefined || addresses.length === 0) continue;
        plugin.editsOf(id)
          ?.redirected(plugin.name, hook, name, addresses.join(", "));
        return addresses;
      } catch {
        // Its failure is logged. The next plugin may know the name.
      }
    }
    return undefined;
  };
}

/** What may cross to a worker. */
function subjectOf({ id, user, job }: HookedExchange): CallSubject {
  return { id, user, job };
}

function tunnelThrough(plugins: Plugins): NonNullable<Hooks["tunnel"]> {
  return async function tunnel(event, signal) {
    const hook = "tunnel";
    for (const plugin of plugins) {
      try {
        await plugin.run(
          { hook, signal },
          (running, call) => running.tunnel(event, call),
        );
      } catch {
        // Its failure is logged. The others hear of the event all the same.
      }
    }
  };
}
