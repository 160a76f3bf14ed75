/** How people use a tunnel's proxy: the settings of a browser, or a command. */
import type { Description } from "./description_list.ts";
import { renderCopyable } from "./copyable.ts";
import { powerShellQuoted, type ShellCommand } from "./shell_command.ts";

/** A proxy, and the user name that selects a tunnel behind it. */
export interface ProxySettings {
  /** `http://host:port`, or `https://host:port` for one that speaks TLS. */
  readonly url: string;
  readonly user: string;
  /** Whether a CA of its own has signed for it, whose file is called `ca.pem`. Default `false`. */
  readonly hasOwnCa?: boolean;
}

/** The proxy settings of a browser. */
export function describeProxy(
  { url, user }: ProxySettings,
): readonly Description[] {
  const address = url.replace(/^http:\/\//, "");
  return [
    [
      isSecure(url) ? "Proxy (HTTPS)" : "Proxy",
      renderCopyable(address, "proxy address"),
    ],
    ["User name", renderCopyable(user, "user name")],
    ["Password", "your access key"],
  ];
}

/** A curl command through the proxy. The access key comes from the environment. */
export function curlCommand(
  { url, user, hasOwnCa = false }: ProxySettings,
): ShellCommand {
  // Other people choose the names of tunnels, and may put quotes into them.
  const quoted = `${user}:`.replaceAll("'", "'\\''");
  const trust = isSecure(url) && hasOwnCa ? " --proxy-cacert ca.pem" : "";
  return {
    sh: `curl -x ${url}${trust} \\\n` +
      `  -U '${quoted}'"$SALLYPORT_ACCESS_KEY" http://intranet/`,
    // "curl" alone is another command in Windows PowerShell.
    powershell: `curl.exe -x ${url}${trust} \`\n` +
      `  -U (${powerShellQuoted(`${user}:`)} + $env:SALLYPORT_ACCESS_KEY) ` +
      "http://intranet/",
  };
}

function isSecure(url: string): boolean {
  return url.startsWith("https://");
}
