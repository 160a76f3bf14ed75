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
 * Accepts only requests for the host of `connect` inside its TLS. The rules were
 * applied to that host, so a request for another one would bypass them.
 *
 * @throws {ProxyError} From the handler: `misdirected` for any other host, port
 * or scheme. Browsers then use another connection (RFC 9110 §15.5.20).
 */
export function checkAuthority(
  connect: ConnectRequest,
  next: Handler,
): Handler {
  const own = parseAuthority(connect.authority);
  return async function checking(request, context) {
    if (!isFor(own, request)) {
      throw new ProxyError("misdirected", request.authority);
    }
    // The field is for the proxy, not for the site.
    request.fields.delete("proxy-authorization");
    return await next(request, context);
  };
}

/**
 * Parses an authority; host names are in canonical spelling.
 *
 * @throws {ProxyError} `badRequest` when it is invalid.
 */
export function parseAuthority(authority: string): Address {
  try {
    const { hostname, port } = parseAddress(authority, HTTPS_PORT);
    return { hostname: canonicalName(hostname), port };
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : undefined;
    throw new ProxyError("badRequest", authority, { cause, why });
  }
}

function isFor(own: Address, request: ProxyRequest): boolean {
  if (request.kind === "connect" || request.scheme !== "https") return false;
  const { hostname, port } = parseAuthority(request.authority);
  return hostname === own.hostname && port === own.port;
}
