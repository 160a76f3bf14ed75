// The addresses that people and programs get: in replies, on the page, in PAC
// files and in the log.
import { type Address, isLoopbackOnly } from "../../net/address/address.ts";
import type { ProxyAddress } from "../../net/address/proxy_address.ts";
import type { Advertised } from "../tunnels/tunnel_state.ts";

/** Where the server is reached from outside, as far as options say so. */
export interface ExternalAddresses {
  /** Origin of REST API and page: `https://lab.example`. */
  readonly externalUrl?: string | undefined;
  /** Where clients connect. */
  readonly externalTunnelAddress?: Address | undefined;
  /** The proxy for browsers. */
  readonly externalProxyAddress?: ProxyAddress | undefined;
  /** Name or address for whatever the others do not say. */
  readonly externalHost?: string | undefined;
}

/** Where the server listens. */
export interface OpenPorts {
  /** The port of the site. */
  readonly shared: Address;
  /** The port for clients; `undefined` if they use the shared one. */
  readonly tunnel: Address | undefined;
  /** The plain proxy, if there is one. */
  readonly proxy: Address | undefined;
  /** Whether the shared port is a proxy, too. */
  readonly isHttpsProxy: boolean;
}

/** The addresses for who has sent a request to this URL. */
export type Advertise = (requested: URL) => Advertised;

const HTTPS_PORT = 443;

/**
 * Makes the function that says them.
 *
 * @param ports They are known only after the start.
 * @param hasOwnCa Whether a CA of the server signs for its TLS now. Default: none does.
 */
export function advertiser(
  external: ExternalAddresses,
  ports: () => OpenPorts,
  hasOwnCa: () => boolean = () => false,
): Advertise {
  return function advertise(requested) {
    const { externalUrl, externalHost } = external;
    const origin = externalUrl === undefined ? requested : new URL(externalUrl);
    const site: Address = {
      hostname: externalUrl === undefined && externalHost !== undefined
        ? withoutBrackets(externalHost)
        : hostOf(origin),
      port: portOf(origin),
    };
    const { tunnel, proxy, isHttpsProxy } = ports();
    const host = site.hostname;
    const { externalTunnelAddress, externalProxyAddress } = external;
    const isAtServer = externalTunnelAddress === undefined &&
      tunnel === undefined;
    const own = tunnel === undefined
      ? site
      : { hostname: host, port: tunnel.port };
    const plain = proxy && { hostname: host, port: proxy.port };
    const isPlain = plain !== undefined &&
      (!isHttpsProxy || isReachable(ports()));
    return {
      url: origin.origin,
      host,
      tunnel: externalTunnelAddress ?? own,
      isTunnelAtServer: isAtServer,
      proxy: externalProxyAddress ??
        (isPlain ? { ...plain, secure: false } : { ...site, secure: true }),
      plainProxy: externalProxyAddress ?? plain ?? site,
      hasOwnCa: hasOwnCa(),
    };
  };
}

/**
 * URL of the page of a tunnel for people who use the proxy; `undefined` where the
 * ports are open to other machines, and no option says where these find the page.
 *
 * @param own URL of the pages on this machine, once they are served.
 */
export function tunnelPageUrl(
  id: string,
  { externalUrl, address, proxyAddress }: ExternalAddresses & {
    readonly address?: Address | undefined;
    readonly proxyAddress?: Address | "none" | undefined;
  },
  own: string | undefined,
): string | undefined {
  // Without these options it listens for this machine only.
  const isHere = [address, proxyAddress].every((each) =>
    each === undefined || each === "none" || isLoopbackOnly(each)
  );
  const origin = externalUrl ?? (isHere ? own : undefined);
  return origin && new URL(`/tunnels/${id}`, origin).href;
}

/** The external hosts, each once. */
export function externalHostsOf(
  external: ExternalAddresses,
): readonly string[] {
  const { externalUrl, externalHost } = external;
  const hosts = [
    externalUrl && hostOf(new URL(externalUrl)),
    external.externalTunnelAddress?.hostname,
    external.externalProxyAddress?.hostname,
    externalHost && withoutBrackets(externalHost),
  ].filter((host) => host !== undefined);
  return [...new Set(hosts)];
}

/** The external address of the site, if an option says it. */
export function externalSiteOf(
  { externalUrl }: ExternalAddresses,
): Address | undefined {
  if (externalUrl === undefined) return undefined;
  const url = new URL(externalUrl);
  return { hostname: hostOf(url), port: portOf(url) };
}

/** Whether all who reach the site reach the plain proxy, too. */
function isReachable({ shared, proxy }: OpenPorts): boolean {
  return proxy !== undefined &&
    (!isLoopbackOnly(proxy) || isLoopbackOnly(shared));
}

/** URLs have IPv6 addresses in brackets, sockets do not. */
function hostOf({ hostname }: URL): string {
  return withoutBrackets(hostname);
}

function withoutBrackets(host: string): string {
  return host.replace(/^\[(.+)\]$/, "$1");
}

function portOf({ protocol, port }: URL): number {
  if (port !== "") return Number(port);
  return protocol === "http:" ? 80 : HTTPS_PORT;
}
