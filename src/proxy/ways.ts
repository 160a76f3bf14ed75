/**
 * The ways to a site: straight, or through an upstream proxy.
 *
 * @module
 */
import { formatBasicCredentials } from "../http/basic_credentials.ts";
import { type Address, isLocalhostName, kindOf } from "../net/address.ts";
import type { ByteStream } from "../net/byte_stream.ts";
import type { Connect, ConnectTarget } from "../net/connect.ts";
import {
  formatUpstreamProxy,
  type UpstreamProxy,
} from "../net/upstream_proxy.ts";
import { ProxyError } from "./errors.ts";
import { isMetadataIp, type LocalhostMode } from "./local_rules.ts";
import { originKey } from "./origin.ts";
import type { FindCredentials } from "../http/site_credentials.ts";
import {
  connectThrough,
  connectToProxy,
  type UpstreamConnectOptions,
} from "./upstream_connect.ts";

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

/** Gives the way to a site. @throws {ProxyError} When there is none that is allowed. */
export type FindWay = (target: ConnectTarget) => Way;

/** What ways are made of. */
export interface WayOptions {
  /** The way without an upstream proxy. */
  readonly direct: Connect;
  /** The proxy for everything but what is local; none unless given. */
  readonly upstream: UpstreamProxy | undefined;
  readonly localhost: LocalhostMode;
  /** Credentials of the upstream proxy, where its URL has none. */
  readonly credentials: FindCredentials;
  /** How the upstream proxy is reached. */
  readonly reach: UpstreamConnectOptions;
}

/** Makes the ways. */
export function findWay(
  { direct, upstream, localhost, credentials, reach }: WayOptions,
): FindWay {
  const straight = (target: ConnectTarget): Way => ({
    key: originKey(target),
    connect: (signal) => direct(target, signal),
    viaProxy: undefined,
  });
  if (upstream === undefined) return straight;
  const proxy = {
    ...upstream,
    credentials: upstream.credentials ?? credentials(upstream),
  };
  const through = connectThrough(proxy, reach);
  const toProxy = connectToProxy(proxy, reach);
  const name = formatUpstreamProxy(proxy);
  return function find(target) {
    if (isLocal(target)) {
      if (localhost === "deny") {
        throw new ProxyError("localhostDenied", target.hostname);
      }
      if (localhost === "direct") return straight(target);
    }
    if (isMetadataIp(target.hostname)) {
      throw new ProxyError("addressDenied", target.hostname);
    }
    const isSentWhole = !target.secure && proxy.protocol !== "socks5";
    return {
      key: `${isSentWhole ? "" : originKey(target)} through ${name}`,
      connect: (signal) => through(target, signal),
      viaProxy: isSentWhole
        ? { connect: toProxy, authorization: authorizationOf(proxy) }
        : undefined,
    };
  };
}

function authorizationOf({ credentials }: UpstreamProxy): string | undefined {
  return credentials && formatBasicCredentials(credentials);
}

/** Names are the upstream proxy's to resolve: only what says by itself that it is here counts. */
function isLocal({ hostname }: Address): boolean {
  return isLocalhostName(hostname) || kindOf(hostname) === "loopback";
}
