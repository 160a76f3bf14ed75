/** The routes to a site: direct, or through an upstream proxy. */
import { formatBasicCredentials } from "../http/basic_credentials.ts";
import type { ExchangeContext } from "../http/exchange.ts";
import {
  type Address,
  addressKindOf,
  canonicalName,
  formatAddress,
  isIpAddress,
  isLocalhostName,
  spelledOutIp,
} from "../net/address/address.ts";
import type { ByteStream } from "../net/stream/byte_stream.ts";
import type { Connect, DialTarget } from "../net/dial/connect.ts";
import { DialError } from "../net/dial_error.ts";
import {
  formatUpstreamProxy,
  type UpstreamProxy,
} from "../net/address/upstream_proxy.ts";
import type { Plugins } from "../plugin/host/plugins.ts";
import type { ConnectTarget } from "../plugin/api/plugin.ts";
import type { ChosenProxy } from "../plugin/host/chain.ts";
import { ProxyError } from "./errors/errors.ts";
import { isMetadataIp, type LocalRules } from "./local_rules.ts";
import { originKey } from "./origin.ts";
import type { FindCredentials } from "../http/site_credentials.ts";
import type { NamedProxy } from "./upstream/upstream_error.ts";
import {
  connectThrough,
  connectToProxy,
  type UpstreamConnectOptions,
} from "./upstream/upstream_connect.ts";

/**
 * Opens one connection.
 *
 * @param exchangeId The request that it is for, for log lines.
 * @param alpnProtocols What TLS with the site offers, the preferred one first. Default: HTTP/1.1.
 */
export type OpenConnection = (
  signal: AbortSignal,
  exchangeId?: string,
  alpnProtocols?: readonly string[],
) => Promise<ByteStream>;

/** One way to reach a site. */
export interface Route {
  /** Connections with the same key are interchangeable. */
  readonly key: string;
  /** Opens a connection on which the site responds. */
  readonly connect: OpenConnection;
  /**
   * Set when an upstream proxy gets ordinary requests in absolute form (RFC
   * 9112 §3.2.2). The connection is then one to the proxy.
   */
  readonly viaProxy:
    | NamedProxy & {
      readonly connect: OpenConnection;
      /** Value of `Proxy-Authorization`. */
      readonly authorization: string | undefined;
    }
    | undefined;
}

/** Gives the routes to a site, at least one. Each is tried when the one before it fails. */
export type ResolveRoutes = (
  target: DialTarget,
  exchange: RoutedExchange,
  kind: ConnectTarget["kind"],
) => readonly Route[] | Promise<readonly Route[]>;

/** The exchange that a route is for. */
export type RoutedExchange = Pick<
  ExchangeContext,
  "id" | "signal" | "user" | "job" | "ofPlugin"
>;

/** Chooses the upstream proxies for a site, in the order of the attempts. */
export type ChooseProxies = (
  target: DialTarget,
  signal: AbortSignal,
) => Promise<readonly (UpstreamProxy | "direct")[]>;

/** Options of {@linkcode resolveRoutes}. */
export interface RouteOptions {
  /** Connects without an upstream proxy. */
  readonly direct: Connect;
  /** Connects without an upstream proxy to one of these addresses. */
  readonly directTo: (addresses: readonly string[]) => Connect;
  /** Chooses the upstream proxies for all hosts that are not local; `undefined` for none. */
  readonly choose: ChooseProxies | undefined;
  readonly rules: LocalRules;
  /** Credentials of upstream proxies whose URL has none. */
  readonly credentials: FindCredentials;
  /** How upstream proxies are reached. */
  readonly reach: UpstreamConnectOptions;
  /** How the upstream proxies that a plugin has chosen are reached. */
  readonly reachFrom: (plugin: string) => UpstreamConnectOptions;
  /** Plugins whose hooks say where a connection leads. They are asked before `choose`, for every request. */
  readonly plugins: RoutePlugins | undefined;
  /** Whether no plugin may lead a connection to this host. */
  readonly isDenied: (hostname: string) => boolean;
}

/** The part of all plugins that routes need. */
export type RoutePlugins = Pick<Plugins, "has" | "connect" | "resolve">;

/** Makes the function that gives routes. It throws {@linkcode ProxyError} when none is allowed. */
export function resolveRoutes(options: RouteOptions): ResolveRoutes {
  const { direct, choose, plugins } = options;
  const routes = new Routes(options);
  return function resolve(target, exchange, kind) {
    const asks = plugins !== undefined && exchange.ofPlugin === undefined &&
      (plugins.has("connect") || plugins.has("resolve"));
    if (asks || choose !== undefined) {
      return routes.choose(target, exchange, kind);
    }
    return [directRoute(direct, target, originKey(target))];
  };
}

class Routes {
  readonly #options: RouteOptions;

  constructor(options: RouteOptions) {
    this.#options = options;
  }

  async choose(
    asked: DialTarget,
    exchange: RoutedExchange,
    kind: ConnectTarget["kind"],
  ): Promise<readonly Route[]> {
    const { choose, rules, reach, reachFrom } = this.#options;
    const { target, chosen } = await this.#askPlugins(asked, exchange, kind);
    const place = target.place ?? target;
    const isUnproxied = chosen === undefined
      ? choose === undefined
      : chosen.proxy === "direct";
    if (isUnproxied) return [await this.#direct(target, exchange)];
    if (isLocal(place)) {
      if (rules.localhost === "deny") {
        throw new ProxyError("localhostDenied", place.hostname);
      }
      if (rules.localhost === "direct") {
        return [await this.#direct(target, exchange)];
      }
    }
    if (!rules.privateMetadata && isMetadataIp(spelledOutIp(place.hostname))) {
      throw new ProxyError("addressDenied", place.hostname);
    }
    const by = chosen === undefined ? reach : reachFrom(chosen.plugin);
    const choices = chosen === undefined
      ? await choose?.({ ...target, ...place }, exchange.signal) ?? []
      : [chosen.proxy];
    return await Promise.all(
      choices.map((choice) =>
        choice === "direct"
          ? this.#direct(target, exchange)
          : this.#through(target, choice, by)
      ),
    );
  }

  /** Where the connection is to lead, and by which proxy, if a plugin says so. */
  async #askPlugins(
    target: DialTarget,
    exchange: RoutedExchange,
    kind: ConnectTarget["kind"],
  ): Promise<
    { readonly target: DialTarget; readonly chosen: ChosenProxy | undefined }
  > {
    const { isDenied } = this.#options;
    const plugins = this.#pluginsFor(exchange);
    if (!plugins?.has("connect")) return { target, chosen: undefined };
    const { place, chosen } = await plugins.connect({
      hostname: target.hostname,
      port: target.port,
      kind,
    }, exchange);
    const proxy = chosen?.proxy ?? "direct";
    for (const end of proxy === "direct" ? [place] : [place, proxy]) {
      if (!isDenied(end.hostname)) continue;
      throw new ProxyError("domainDenied", end.hostname);
    }
    const isMoved = place.port !== target.port ||
      canonicalName(place.hostname) !== canonicalName(target.hostname);
    return { target: isMoved ? { ...target, place } : target, chosen };
  }

  #pluginsFor({ ofPlugin }: RoutedExchange): RoutePlugins | undefined {
    return ofPlugin === undefined ? this.#options.plugins : undefined;
  }

  async #direct(
    target: DialTarget,
    exchange: RoutedExchange,
  ): Promise<Route> {
    const { direct, directTo } = this.#options;
    const plugins = this.#pluginsFor(exchange);
    const { hostname } = target.place ?? target;
    const addresses = plugins?.has("resolve") && !isIpAddress(hostname)
      ? await plugins.resolve(hostname, exchange)
      : undefined;
    const key = placeKey(target);
    if (addresses === undefined) return directRoute(direct, target, key);
    // With other addresses, a kept connection may lead to the wrong machine.
    return directRoute(
      (...args) => directTo(addresses)(...args),
      target,
      `${key} at ${addresses.join()}`,
    );
  }

  #through(
    target: DialTarget,
    choice: UpstreamProxy,
    reach: UpstreamConnectOptions,
  ): Route {
    const proxy = {
      ...choice,
      credentials: choice.credentials ?? this.#options.credentials(choice),
    };
    // Absolute form names the site: such a request cannot lead elsewhere.
    const isAbsoluteForm = !target.secure && target.place === undefined &&
      proxy.protocol !== "socks5";
    const name = formatUpstreamProxy(proxy);
    return {
      key: `${isAbsoluteForm ? "" : placeKey(target)} through ${name}`,
      connect: (signal, exchangeId, alpnProtocols) =>
        connectThrough(proxy, reach)(
          { ...target, ...alpnProtocols && { alpnProtocols } },
          signal,
          exchangeId,
        ),
      viaProxy: isAbsoluteForm
        ? {
          ...{ proxy, option: reach.option },
          connect: connectToProxy(proxy, target, reach),
          authorization: authorizationOf(proxy),
        }
        : undefined,
    };
  }
}

function directRoute(connect: Connect, target: DialTarget, key: string): Route {
  return {
    key,
    connect: (signal, exchangeId, alpnProtocols) =>
      connect(
        { ...target, ...alpnProtocols && { alpnProtocols } },
        signal,
        exchangeId,
      ),
    viaProxy: undefined,
  };
}

/** Connections with the same key lead to the same place, for the same site. */
function placeKey(target: DialTarget): string {
  const { place } = target;
  const key = originKey(target);
  return place === undefined ? key : `${key} on ${formatAddress(place)}`;
}

/**
 * Tries the routes in order until one connects.
 *
 * @throws The error of the last route; at once, any error that another route
 * does not mend.
 */
export async function withFailover<Result>(
  routes: readonly Route[],
  attempt: (route: Route) => Promise<Result>,
): Promise<Result> {
  for (const route of routes.slice(0, -1)) {
    try {
      return await attempt(route);
    } catch (cause) {
      if (!(cause instanceof DialError) || isFinal(cause)) throw cause;
    }
  }
  const last = routes.at(-1);
  if (last === undefined) {
    throw new TypeError("Cannot connect: there is no route");
  }
  return await attempt(last);
}

/** Going past a proxy that wants a login would hide that. */
function isFinal({ code }: DialError): boolean {
  return code === "aborted" || code === "credentials";
}

function authorizationOf({ credentials }: UpstreamProxy): string | undefined {
  return credentials && formatBasicCredentials(credentials);
}

/** Only by its spelling: the upstream proxy resolves the names. */
function isLocal({ hostname }: Address): boolean {
  return isLocalhostName(hostname) ||
    addressKindOf(spelledOutIp(hostname)) === "loopback";
}
