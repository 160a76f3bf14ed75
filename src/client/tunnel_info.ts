/**
 * What the server said about a tunnel that it has made, as the client tells it.
 *
 * @module
 */
import type { CreatedTunnelReply } from "../api/resources/tunnel_resource.ts";
import { formatAddress } from "../net/address/address.ts";
import type { TunnelInfo } from "./status/status.ts";

/** The facts of a new tunnel, without its secrets. */
export function tunnelInfo(tunnel: CreatedTunnelReply): TunnelInfo {
  const { id, tunnel_identifier: name, tunnel_host: host } = tunnel;
  return {
    id,
    name,
    host,
    server: formatAddress({ hostname: host, port: tunnel.tunnel_port }),
    proxy: formatAddress({
      hostname: tunnel.proxy_host,
      port: tunnel.proxy_port,
    }),
    dedicatedProxy: tunnel.dedicated_port === null ? undefined : formatAddress({
      hostname: tunnel.proxy_host,
      port: tunnel.dedicated_port,
    }),
  };
}
