/** The address of a proxy, and whether browsers speak TLS with it. */
import { type Address, formatAddress, parseAddress } from "./address.ts";

/** Where a proxy is, and how it is spoken with. */
export interface ProxyAddress extends Address {
  /** Whether it is an HTTPS proxy: TLS first. */
  readonly secure: boolean;
}

const HTTPS_PORT = 443;
const SCHEME = /^(https?):\/\//i;

/** Writes `https://host:port` or `http://host:port`, always with the port. */
export function proxyUrlOf({ secure, ...address }: ProxyAddress): string {
  return `${secure ? "https" : "http"}://${formatAddress(address)}`;
}

/** What a PAC script says for the proxy: `HTTPS host:port` or `PROXY host:port`. */
export function pacProxyOf({ secure, ...address }: ProxyAddress): string {
  return `${secure ? "HTTPS" : "PROXY"} ${formatAddress(address)}`;
}

/**
 * Reads `https://host`, `https://host:port`, `http://host:port` and `host:port`,
 * which is plain. A `/` may follow.
 *
 * @throws {SyntaxError} With the reason, when the text is something else.
 */
export function parseProxyAddress(text: string): ProxyAddress {
  const secure = SCHEME.exec(text)?.[1]?.toLowerCase() === "https";
  const rest = text.replace(SCHEME, "").replace(/\/$/, "");
  const address = parseAddress(rest, secure ? HTTPS_PORT : undefined);
  return { secure, ...address };
}
