/*
 * Combines many plugins to one function for each hook: their order, and what
 * happens when one of them fails.
 */
import { type Address, formatAddress } from "../../net/address/address.ts";
import type { Resolver } from "../../net/names/resolver.ts";
import { PluginError } from "../api/errors.ts";
import type { ReadableRequest } from "../results/change_request.ts";
import { ExchangeChain, type HookContext } from "./exchange_chain.ts";
import type { HookName } from "../api/hook_names.ts";
import type { CallSubject } from "../running/call.ts";
import type { TunnelChange } from "../api/plugin.ts";
import type { SupervisedPlugin } from "./supervised_plugin.ts";

/**
 * The hooks of all plugins together. A hook that no plugin has is `undefined`:
 * callers can skip the work for it.
 */
export interface Hooks {
  /** The address to connect to. @throws {PluginError} `refused`, or a hook failed. */
  readonly connect?: (
    target: Address,
    signal: AbortSignal,
    exchangeId?: string,
  ) => Promise<Address>;
  /** The addresses from the first plugin that has some. Never throws. */
  readonly resolve?: Resolver;
  /** Begins an exchange: `request` and `response` hooks. The caller disposes it. */
  readonly exchange?: (
    original: ReadableRequest,
    context: HookContext,
  ) => ExchangeChain;
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
    plugin.has("request") || plugin.has("response")
  );
  const tunnel = having("tunnel");
  return {
    ...connect && { connect: connectThrough(connect) },
    ...resolve && { resolve: resolveThrough(resolve) },
    ...exchanging.length > 0 && {
      exchange: (original: ReadableRequest, context: HookContext) =>
        new ExchangeChain(exchanging, original, context),
    },
    ...tunnel && { tunnel: tunnelThrough(tunnel) },
  };
}

function connectThrough(plugins: Plugins): NonNullable<Hooks["connect"]> {
  return async function connect(target, signal, exchangeId) {
    const hook = "connect";
    let current = { ...target, hostname: target.hostname.toLowerCase() };
    for (const plugin of plugins) {
      if (!plugin.isEnabled) continue;
      const outcome = await plugin.run(
        { hook, signal, exchange: subjectOf(exchangeId) },
        (running, call) => running.connect(current, call),
      );
      if (outcome === undefined) continue;
      const edits = plugin.editsOf(exchangeId);
      if ("refuse" in outcome) {
        edits?.stopped(plugin.name, hook, outcome.refuse);
        throw new PluginError(
          "refused",
          `Plugin "${plugin.name}" refuses connections to ` +
            `"${formatAddress(current)}": ${outcome.refuse}`,
          { plugin: plugin.name, hook },
        );
      }
      const next = { ...current, ...outcome };
      edits?.redirected(
        plugin.name,
        hook,
        formatAddress(current),
        formatAddress(next),
      );
      current = next;
    }
    return current;
  };
}

function resolveThrough(plugins: Plugins): Resolver {
  return async function resolve(hostname, signal, exchangeId) {
    const hook = "resolve";
    const name = hostname.toLowerCase();
    for (const plugin of plugins) {
      if (!plugin.isEnabled) continue;
      try {
        const addresses = await plugin.run(
          { hook, signal, exchange: subjectOf(exchangeId) },
          (running, call) => running.resolve(name, call),
        );
        if (addresses === undefined || addresses.length === 0) continue;
        plugin.editsOf(exchangeId)
          ?.redirected(plugin.name, hook, name, addresses.join(", "));
        return addresses;
      } catch {
        // Its failure is logged. The next plugin may know the name.
      }
    }
    return undefined;
  };
}

function subjectOf(id: string | undefined): CallSubject | undefined {
  return id === undefined ? undefined : { id };
}

function tunnelThrough(plugins: Plugins): NonNullable<Hooks["tunnel"]> {
  return async function tunnel(event, signal) {
    const hook = "tunnel";
    for (const plugin of plugins) {
      if (!plugin.isEnabled) continue;
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
