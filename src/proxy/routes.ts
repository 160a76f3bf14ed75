/**
 * The ways to a site: straight, or through an upstream proxy.
 *
 * @module
 */
import { formatBasicCredentials } from "../http/basic_credentials.ts";
import {
  type Address,
  isLocalhostName,
  kindOf,
  spelledOutIp,
} from "../net/address/address.ts";
import type { ByteStream } from "../net/stream/byte_stream.ts";
import type { Connect, ConnectTarget } from "../net/dial/connect.ts";
import { DialError } from "../net/dial_error.ts";
import {
  formatUpstreamProxy,
  type UpstreamProxy,
} from "../net/address/upstream_proxy.ts";
import { ProxyError } from "./errors/errors.ts";
import { isMetadataIp, type LocalRules } from "./local_rules.ts";
import { originKey } from "./origin.ts";
import type { FindCredentials } from "../http/site_credentials.ts";
import {
  connectThrough,
  connectToProxy,
  type UpstreamConnectOptions,
} from "./upstream/upstream_connect.ts";

/** How one site is reached. */
export interface Way {
  /** Connections with the same key can carry each other's requests. */
  readonly key: string;
  /** Opens a connection to the site, as far as it looks from here. */
  readonly connect: (signal: AbortSignal) => Promise<ByteStream>;
  /**
   * Set where an ordinary request is sent to a proxy, whole (RFC 9112 §3.2.2),
   * on a connection to the proxy.
   */
  readonly viaProxy:
    | {
      readonly connect: (signal: AbortSignal) => Promise<ByteStream>;
      /** Value of `Proxy-Authorization`. */
      readonly authorization: string | undefined;
    }
    | undefined;
}

/** Gives the ways to a site, of which each is tried when the one before it fails; at least one. */
export type FindWays = (
  target: ConnectTarget,
  signal: AbortSignal,
) => readonly Way[] | Promise<readonly Way[]>;

/** Chooses the proxies to a site, in the order in which they are tried. */
export type ChooseProxies = (
  target: ConnectTarget,
  signal: AbortSignal,
) => Promise<readonly (UpstreamProxy | "direct")[]>;

/** What ways are made of. */
export interface WayOptions {
  /** The way without an upstream proxy. */
  readonly direct: Connect;
  /** The proxies for everything but what is local; none unless given. */
  readonly choose: ChooseProxies | undefined;
  readonly rules: LocalRules;
  /** Credentials of upstream proxies whose URL has none. */
  readonly credentials: FindCredentials;
  /** How upstream proxies are reached. */
  readonly reach: UpstreamConnectOptions;
}

/** Makes the ways. They throw {@linkcode ProxyError} where none is allowed. */
export function findWays(
  { direct, choose, rules, credentials, reach }: WayOptions,
): FindWays {
  const straight = (target: ConnectTarget): Way => ({
    key: originKey(target),
    connect: (signal) => direct(target, signal),
    viaProxy: undefined,
  });
  if (choose === undefined) return (target) => [straight(target)];
  return async function find(target, signal) {
    if (isLocal(target)) {
      if (rules.localhost === "deny") {
        throw new ProxyError("localhostDenied", target.hostname);
      }
      if (rules.localhost === "direct") return [straight(target)];
    }
    const ip = spelledOutIp(target.hostname);
    if (!rules.privateMetadata && isMetadataIp(ip)) {
      throw new ProxyError("addressDenied", target.hostname);
    }
    const choices = await choose(target, signal);
    return choices.map((choice) =>
      choice === "direct" ? straight(target) : through(target, choice)
    );
  };

  function through(target: ConnectTarget, choice: UpstreamProxy): Way {
    const proxy = {
      ...choice,
      credentials: choice.credentials ?? credentials(choice),
    };
    const isSentWhole = !target.secure && proxy.protocol !== "socks5";
    const name = formatUpstreamProxy(proxy);
    return {
      key: `${isSentWhole ? "" : originKey(target)} through ${name}`,
      connect: (signal) => connectThrough(proxy, reach)(target, signal),
      viaProxy: isSentWhole
        ? {
          connect: connectToProxy(proxy, reach),
          authorization: authorizationOf(proxy),
        }
        : undefined,
    };
  }
}

/**
 * Tries one way after the other until one leads somewhere.
 *
 * @throws What the last one failed with, and at once what is no failure of the way.
 */
export async function overWays<Result>(
  ways: readonly Way[],
  attempt: (way: Way) => Promise<Result>,
): Promise<Result> {
  for (const way of ways.slice(0, -1)) {
    try {
      return await attempt(way);
    } catch (cause) {
      if (!(cause instanceof DialError) || cause.code === "aborted") {
        throw cause;
      }
    }
  }
  const last = ways.at(-1);
  if (last === undefined) throw new TypeError("Cannot go: there is no way");
  return await attempt(last);
}

function authorizationOf({ credentials }: UpstreamProxy): string | undefined {
  return credentials && formatBasicCredentials(credentials);
}

/** Names are the upstream proxy's to resolve: only what says by itself that it is here counts. */
function isLocal({ hostname }: Address): boolean {
  return isLocalhostName(hostname) ||
    kindOf(spelledOutIp(hostname)) === "loopback";
}
