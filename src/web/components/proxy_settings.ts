/** How people use a tunnel's proxy: the settings of a browser, or a command. */
import type { Description } from "./description_list.ts";
import { renderCopyable } from "./copyable.ts";

/** A proxy, and the user name that selects a tunnel behind it. */
export interface ProxySettings {
  /** `host:port` */
  readonly address: string;
  readonly user: string;
}

/** The proxy settings of a browser. */
export function describeProxy(
  { address, user }: ProxySettings,
): readonly Description[] {
  return [
    ["Proxy", renderCopyable(address, "proxy address")],
    ["User name", renderCopyable(user, "user name")],
    ["Password", "your access key"],
  ];
}

/** A curl command through the proxy. The access key comes from the environment. */
export function curlCommand({ address, user }: ProxySettings): string {
  // Other people choose the names of tunnels, and may put quotes into them.
  const quoted = `${user}:`.replaceAll("'", "'\\''");
  return `curl -x http://${address} \\\n` +
    `  -U '${quoted}'"$SALLYPORT_ACCESS_KEY" http://intranet/`;
}
