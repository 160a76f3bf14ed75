/**
 * The traffic inspector of a client, as its options say.
 *
 * @module
 */
import { VERSION } from "../../config/version.ts";
import type { Handler } from "../../http/exchange.ts";
import { createInspector, type Inspector } from "../../inspector/inspector.ts";
import { curlThrough } from "../../web/proxy_commands.ts";
import { inspectorNames } from "../status/host_names.ts";
import type { ClientOptions } from "../options.ts";
import type { TunnelInfo } from "../state.ts";
import type { ClientStatus } from "../status/status.ts";

/** Makes it; whoever calls this disposes it. */
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

/** How somebody sees a first request pass. */
function exampleOf(
  tunnel: TunnelInfo | undefined,
  username: string,
): string | undefined {
  if (tunnel === undefined) return undefined;
  const user = `${username}+${tunnel.name}`;
  return curlThrough({ address: tunnel.proxy, user });
}
