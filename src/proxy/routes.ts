/** The routes to a site: direct, or through an upstream proxy. */
import { formatBasicCredentials } from "../http/basic_credentials.ts";
import {
  type Address,
  addressKindOf,
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
  signal: AbortSignal,
) => readonly Route[] | Promise<readonly Route[]>;

/** Chooses the upstream proxies for a site, in the order of the attempts. */
export type ChooseProxies = (
  target: DialTarget,
  signal: AbortSignal,
) => Promise<readonly (UpstreamProxy | "direct")[]>;

/** Options of {@linkcode resolveRoutes}. */
export interface RouteOptions {
  /** Connects without an upstream proxy. */
  readonly direct: Connect;
  /** Chooses the upstream proxies for all hosts that are not local; `undefined` for none. */
  readonly choose: ChooseProxies | undefined;
  readonly rules: LocalRules;
  /** Credentials of upstream proxies whose URL has none. */
  readonly credentials: FindCredentials;
  /** How upstream proxies are reached. */
  readonly reach: UpstreamConnectOptions;
}

/** Makes the function that gives routes. It throws {@linkcode ProxyError} when none is allowed. */
export function resolveRoutes(
  { direct, choose, rules, credentials, reach }: RouteOptions,
): ResolveRoutes {
  const directRoute = (target: DialTarget): Route => ({
    key: originKey(target),
    connect: (signal, exchangeId, alpnProtocols) =>
      direct(
        { ...target, ...alpnProtocols && { alpnProtocols } },
        signal,
        exchangeId,
      ),
    viaProxy: undefined,
  });
  if (choose === undefined) return (target) => [directRoute(target)];
  return async function resolve(target, signal) {
    if (isLocal(target)) {
      if (rules.localhost === "deny") {
        throw new ProxyError("localhostDenied", target.hostname);
      }
      if (rules.localhost === "direct") return [directRoute(target)];
    }
    const ip = spelledOutIp(target.hostname);
    if (!rules.privateMetadata && isMetadataIp(ip)) {
      throw new ProxyError("addressDenied", target.hostname);
    }
    const choices = await choose(target, signal);
    return choices.map((choice) =>
      choice === "direct" ? directRoute(target) : routeThrough(target, choice)
    );
  };

  function routeThrough(target: DialTarget, choice: UpstreamProxy): Route {
    const proxy = {
      ...choice,
      credentials: choice.credentials ?? credentials(choice),
    };
    const isAbsoluteForm = !target.secure && proxy.protocol !== "socks5";
    const name = formatUpstreamProxy(proxy);
    return {
      key: `${isAbsoluteForm ? "" : originKey(target)} through ${name}`,
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
