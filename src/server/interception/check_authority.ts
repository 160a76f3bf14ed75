/**
 * What may be said inside TLS that was opened: requests for the host that the
 * connection was asked for, and for no other. Rules are decided by that host; a
 * request for another one must not slip past them.
 *
 * @module
 */
import type {
  ConnectRequest,
  Handler,
  ProxyRequest,
} from "../../http/exchange.ts";
import {
  type Address,
  canonicalName,
  parseAddress,
} from "../../net/address/address.ts";
import { ProxyError } from "../../proxy/errors/errors.ts";

const HTTPS_PORT = 443;

/**
 * A handler of requests inside the TLS that `connect` was asked for.
 *
 * @throws {ProxyError} From the handler: `misdirected` for any other host, port
 * or scheme, which tells browsers to use another connection (RFC 9110 §15.5.20).
 */
export function checkAuthority(
  connect: ConnectRequest,
  handler: Handler,
): Handler {
  const own = addressOf(connect.authority);
  return async function inside(request, context) {
    if (!isFor(own, request)) {
      throw new ProxyError("misdirected", request.authority);
    }
    // For a proxy, which this connection does not know of.
    request.fields.delete("proxy-authorization");
    return await handler(request, context);
  };
}

/**
 * Where an authority leads, in one spelling.
 *
 * @throws {ProxyError} `badRequest` when it is none.
 */
export function addressOf(authority: string): Address {
  try {
    const { hostname, port } = parseAddress(authority, HTTPS_PORT);
    return { hostname: canonicalName(hostname), port };
  } catch (cause) {
    throw new ProxyError("badRequest", authority, { cause });
  }
}

function isFor(own: Address, request: ProxyRequest): boolean {
  if (request.kind === "connect" || request.scheme !== "https") return false;
  const { hostname, port } = addressOf(request.authority);
  return hostname === own.hostname && port === own.port;
}
