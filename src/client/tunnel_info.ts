import type { CreatedTunnelReply } from "../api/resources/tunnel_resource.ts";
import { formatAddress } from "../net/address/address.ts";
import type { TunnelInfo } from "./state.ts";
import { tunnelAddressOf } from "./tunnel_address.ts";

/** Reads the description of a new tunnel. @param server Origin of the REST API. */
export function tunnelInfoOf(
  tunnel: CreatedTunnelReply,
  server: string,
): TunnelInfo {
  const { id, tunnel_identifier: name } = tunnel;
  const address = tunnelAddressOf(tunnel, server);
  const { hostname: host } = address;
  const proxy = formatAddress({
    hostname: tunnel.proxy_host,
    port: tunnel.proxy_port,
  });
  return {
    id,
    name,
    host,
    server: formatAddress(address),
    proxy,
    proxyUrl: tunnel.proxy_url ?? `http://${proxy}`,
    proxyHasOwnCa: tunnel.proxy_own_ca,
    dedicatedProxy: tunnel.dedicated_port === null ? undefined : formatAddress({
      hostname: tunnel.proxy_host,
      port: tunnel.dedicated_port,
    }),
  };
}
