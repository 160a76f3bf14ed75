/**
 * The site a request is for: where it is, and how it is reached.
 *
 * @module
 */
import type { ProxyRequest } from "../http/exchange.ts";
import { formatAddress, parseAddress } from "../net/address/address.ts";
import type { ConnectionPool } from "../http1/client/connection_pool.ts";
import { isAuthority } from "../http1/parse/request_target.ts";
import type { ConnectTarget } from "../net/dial/connect.ts";
import { ProxyError } from "./errors/errors.ts";
import type { FindCredentials } from "../http/site_credentials.ts";
import type { FindWays } from "./routes.ts";

/** How origins are reached: what all ways of carrying out an exchange share. */
export interface Origins {
  readonly findWays: FindWays;
  /** What stands before the key of a way: connections under another are not shared. */
  readonly keyPrefix: () => string;
  /** Credentials for sites that ask for some. */
  readonly credentials: FindCredentials;
  readonly pool: ConnectionPool;
  readonly responseHeaderTimeout: number;
}

/**
 * The origin of `request`.
 *
 * @throws {ProxyError} `badRequest` when the authority is not `host[:port]`.
 */
export function originOf(request: ProxyRequest): ConnectTarget {
  const secure = request.kind !== "connect" && request.scheme === "https";
  try {
    const address = parseAddress(request.authority, defaultPort(request));
    if (address.hostname === "") throw new SyntaxError("it has no host");
    // It may become part of a line that is written to an upstream proxy.
    if (!isAuthority(request.authority)) {
      throw new SyntaxError("it has a character that no host has");
    }
    // Only a CONNECT tells it in a CONNECT: other connections are shared.
    const via = request.kind === "connect"
      ? request.fields.getList("via")
      : undefined;
    return via === undefined
      ? { ...address, secure }
      : { ...address, secure, via };
  } catch (cause) {
    throw new ProxyError("badRequest", request.authority, { cause });
  }
}

/** Origins with the same key can share connections. */
export function originKey(target: ConnectTarget): string {
  return `${target.secure ? "https" : "http"}://${formatAddress(target)}`;
}

/** RFC 9110 §4.2; CONNECT always names its port, and HTTPS is what it is for. */
function defaultPort(request: ProxyRequest): number {
  return request.kind === "request" && request.scheme === "http" ||
      request.kind === "upgrade" && request.scheme === "http"
    ? 80
    : 443;
}
