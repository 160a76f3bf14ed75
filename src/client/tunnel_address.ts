import type { CreatedTunnelReply } from "../api/resources/tunnel_resource.ts";
import type { Address } from "../net/address/address.ts";

const HTTPS_PORT = 443;

/**
 * Where the sessions of a tunnel are opened: where the REST API is, unless the
 * server says otherwise. A balancer or a port mapping in front of the server is
 * then passed as the REST API passes it, by whatever name.
 *
 * @param server Origin of the REST API, as `--server` has it.
 */
export function tunnelAddressOf(
  tunnel: Pick<
    CreatedTunnelReply,
    "tunnel_at_server" | "tunnel_host" | "tunnel_port"
  >,
  server: string,
): Address {
  if (tunnel.tunnel_at_server !== true) {
    return { hostname: tunnel.tunnel_host, port: tunnel.tunnel_port };
  }
  const { hostname, port } = new URL(server);
  return {
    hostname: hostname.replace(/^\[(.+)\]$/, "$1"),
    port: port === "" ? HTTPS_PORT : Number(port),
  };
}
