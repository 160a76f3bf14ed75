import { VERSION } from "../../config/version.ts";
import type { Handler } from "../../http/exchange.ts";
import { createInspector, type Inspector } from "../../inspector/inspector.ts";
import { curlCommand } from "../../web/components/proxy_settings.ts";
import type { ShellCommand } from "../../web/components/shell_command.ts";
import { inspectorNames } from "../status/host_names.ts";
import type { ClientOptions } from "../options.ts";
import type { TunnelInfo } from "../state.ts";
import type { ClientStatus } from "../status/status.ts";

/** Makes it; the caller disposes it. */
export function clientInspector(
  { inspector, username, ...options }: ClientOptions,
  { handler, status }: {
    readonly handler: Handler;
    readonly status: ClientStatus;
  },
): Inspector | undefined {
  if (inspector === undefined) return undefined;
  return createInspector(handler, {
    ...inspector,
    version: VERSION.version,
    hostNames: inspectorNames(options),
    example: () => exampleOf(status.tunnel, username),
  });
}

/** A command that sends a first request through the tunnel. */
function exampleOf(
  tunnel: TunnelInfo | undefined,
  username: string,
): ShellCommand | undefined {
  if (tunnel === undefined) return undefined;
  const { name, proxyUrl: url, proxyHasOwnCa: hasOwnCa = false } = tunnel;
  return curlCommand({ url, user: `${username}+${name}`, hasOwnCa });
}
