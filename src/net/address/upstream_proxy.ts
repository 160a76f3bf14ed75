/**
 * A proxy between here and the sites, as users name it:
 * `[protocol://][user[:password]@]host[:port]`.
 */
import { type Address, parseAddress } from "./address.ts";
import { formatUserinfo, parseUserinfo } from "./userinfo.ts";

/** How a proxy is spoken to: HTTP, HTTP inside TLS, or SOCKS 5 (RFC 1928). */
export type UpstreamProtocol = "http" | "https" | "socks5";

/** Credentials for an upstream proxy. */
export interface UpstreamCredentials {
  /** As it is, not percent-encoded. */
  readonly username: string;
  /** Likewise; empty where there is none. */
  readonly password: string;
}

/** A proxy that connections go through. */
export interface UpstreamProxy extends Address {
  /** How it is spoken to. */
  readonly protocol: UpstreamProtocol;
  /** What lets us in; `undefined` where it takes everybody. */
  readonly credentials: UpstreamCredentials | undefined;
}

/** Ports that are meant when none is named: curl's, which users know. */
const DEFAULT_PORTS: Readonly<Record<UpstreamProtocol, number>> = {
  http: 1080,
  https: 443,
  socks5: 1080,
};

/**
 * Reads a proxy. Without a protocol it speaks HTTP; `socks5h` is `socks5`:
 * names are always resolved by the proxy. User name and password are
 * percent-encoded where they hold `:`, `@` or `/`; `decodeUserinfo` says how.
 *
 * @throws {SyntaxError} Without the text, which may be secret.
 */
export function parseUpstreamProxy(text: string): UpstreamProxy {
  const match = /^(?:([a-z0-9]+):\/\/)?(?:([^@]*)@)?([^@/]+)\/?$/i.exec(text);
  const [, scheme = "http", userinfo, authority = ""] = match ?? [];
  const protocol = protocolOf(scheme.toLowerCase());
  if (match === null || protocol === undefined) throw malformed();
  const address = parseAddress(authority, DEFAULT_PORTS[protocol]);
  if (address.hostname === "") throw malformed();
  return {
    ...address,
    protocol,
    credentials: userinfo === undefined ? undefined : parseUserinfo(userinfo),
  };
}

/** Writes a proxy as `parseUpstreamProxy` reads it. */
export function formatUpstreamProxy(
  { protocol, hostname, port, credentials }: UpstreamProxy,
): string {
  const host = hostname.includes(":") ? `[${hostname}]` : hostname;
  const userinfo = credentials === undefined
    ? ""
    : `${formatUserinfo(credentials)}@`;
  return `${protocol}://${userinfo}${host}:${port}`;
}

function protocolOf(scheme: string): UpstreamProtocol | undefined {
  if (scheme === "socks5h") return "socks5";
  return scheme === "http" || scheme === "https" || scheme === "socks5"
    ? scheme
    : undefined;
}

function malformed(): SyntaxError {
  return new SyntaxError(
    "expected [http|https|socks5://][user:password@]host:port",
  );
}
