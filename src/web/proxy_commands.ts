/**
 * How people use a tunnel's proxy: what a browser must be told, and the same as
 * a command.
 *
 * @module
 */
import { renderCopyable } from "./command.ts";
import type { Fact } from "./description_list.ts";

/** A proxy, and the user name that leads to a tunnel behind it. */
export interface ProxyUse {
  /** `host:port` */
  readonly address: string;
  readonly user: string;
}

/** What a browser must be told to use a proxy. */
export function proxyFacts({ address, user }: ProxyUse): readonly Fact[] {
  return [
    ["Proxy", renderCopyable(address, "proxy address")],
    ["User name", renderCopyable(user, "user name")],
    ["Password", "your access key"],
  ];
}

/** How curl asks for a page through a proxy, with the access key from the environment. */
export function curlThrough({ address, user }: ProxyUse): string {
  // Names of tunnels may have quotes, and other people gave them.
  const quoted = `${user}:`.replaceAll("'", "'\\''");
  return `curl -x http://${address} \\\n` +
    `  -U '${quoted}'"$SALLYPORT_ACCESS_KEY" http://intranet/`;
}
