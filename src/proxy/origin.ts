import type { ProxyRequest } from "../http/exchange.ts";
import { formatAddress, parseAddress } from "../net/address/address.ts";
import { isAuthority } from "../http1/parse/request_target.ts";
import type { DialTarget } from "../net/dial/connect.ts";
import { ProxyError } from "./errors/errors.ts";

/**
 * Where the site of `request` is, and whether it is reached over TLS.
 *
 * @throws {ProxyError} `badRequest` when the authority is not `host[:port]`.
 */
export function originOf(request: ProxyRequest): DialTarget {
  const secure = request.kind !== "connect" && request.scheme === "https";
  try {
    const address = parseAddress(request.authority, defaultPort(request));
    if (address.hostname === "") throw new SyntaxError("it has no host");
    // The authority may be written into a request line to an upstream proxy.
    if (!isAuthority(request.authority)) {
      throw new SyntaxError("it has a character that is not allowed in a host");
    }
    // Only a CONNECT passes its `Via` on in a CONNECT: other connections are shared.
    const via = request.kind === "connect"
      ? request.fields.getList("via")
      : undefined;
    return via === undefined
      ? { ...address, secure }
      : { ...address, secure, via };
  } catch (cause) {
    throw new ProxyError("badRequest", request.authority, {
      cause,
      why: cause instanceof Error ? cause.message : undefined,
    });
  }
}

/** Origins with the same key can share connections. */
export function originKey(target: DialTarget): string {
  return `${target.secure ? "https" : "http"}://${formatAddress(target)}`;
}

/** RFC 9110 §4.2. CONNECT always names its port. */
function defaultPort(request: ProxyRequest): number {
  return request.kind === "request" && request.scheme === "http" ||
      request.kind === "upgrade" && request.scheme === "http"
    ? 80
    : 443;
}
