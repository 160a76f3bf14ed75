// Where a request on the shared port belongs: to the server's own site, which is
// REST API and page, or to the proxy. Its form decides, as RFC 9112 §3.2 has it
// for servers and proxies.
//
// A request for the site is never forwarded, and one for the proxy never gets to
// the site. Whatever is forwarded needs a login.
import type { ProxyRequest } from "../../http/exchange.ts";
import {
  type Address,
  canonicalIp,
  canonicalName,
  isIpAddress,
  parseAddress,
} from "../../net/address/address.ts";

/** Whom a request is for; `other` belongs to another host that shares our certificate or address. */
export type Addressee = "site" | "proxy" | "other";

/** How a peer has found this port. */
export interface Dialled {
  /** The name in its TLS handshake; `undefined` when it dialled an IP address. */
  readonly serverName: string | undefined;
  /** Our IP address of the connection; empty if unknown. */
  readonly localAddress: string;
}

const HTTPS_PORT = 443;

/**
 * Whom `request` is for.
 *
 * - CONNECT is for the proxy.
 * - A path alone (origin form of HTTP/1.1) is for the site.
 * - A URL with the scheme `http` is for the proxy: the site is only there with TLS.
 * - A URL with the scheme `https` is for the site if it names the host that was
 *   dialled, or the external one. Otherwise it is for the proxy if its form or its
 *   credentials show it. HTTP/2 has no form: a browser that reuses a connection
 *   for another host of the same certificate gets 421.
 *
 * @param external Where people reach the site, if an option has it.
 */
export function addresseeOf(
  request: ProxyRequest,
  dialled: Dialled,
  external?: Address,
): Addressee {
  if (request.kind === "connect") return "proxy";
  const { isOriginForm, scheme, fields } = request;
  if (isOriginForm === true) return "site";
  if (scheme === "http") return "proxy";
  const address = addressOf(request.authority);
  if (address === undefined) return "other";
  if (isOwn(address, dialled, external)) return "site";
  const isProxied = isOriginForm === false || fields.has("proxy-authorization");
  if (isProxied) return "proxy";
  // A router has translated the address that was dialled.
  const isTranslated = dialled.serverName === undefined &&
    isIpAddress(address.hostname);
  return isTranslated ? "site" : "other";
}

function isOwn(
  address: Address,
  { serverName, localAddress }: Dialled,
  external: Address | undefined,
): boolean {
  const hostname = canonicalName(address.hostname);
  if (external !== undefined && address.port === external.port) {
    if (hostname === canonicalName(external.hostname)) return true;
  }
  if (serverName !== undefined) return hostname === canonicalName(serverName);
  return isIpAddress(hostname) &&
    canonicalIp(hostname) === canonicalIp(localAddress);
}

function addressOf(authority: string): Address | undefined {
  try {
    return parseAddress(authority, HTTPS_PORT);
  } catch {
    // Codecs have checked it; an address that is not one is nobody's.
    return undefined;
  }
}
