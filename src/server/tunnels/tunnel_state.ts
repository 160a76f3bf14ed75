import type {
  CreatedTunnelReply,
  TunnelState,
} from "../../api/resources/tunnel_resource.ts";
import type { Address } from "../../net/address/address.ts";
import {
  type ProxyAddress,
  proxyUrlOf,
} from "../../net/address/proxy_address.ts";
import type { CreatedTunnel } from "./registry.ts";
import type { Tunnel } from "./tunnel.ts";

/** Where clients and browsers reach the server. */
export interface Advertised {
  /** REST API and page: `https://host:port`. */
  readonly url: string;
  /** Name or address, IPv6 without brackets. */
  readonly host: string;
  /** Where clients open sessions. */
  readonly tunnel: Address;
  /** Whether that is the port where they call the REST API. */
  readonly isTunnelAtServer: boolean;
  /** The proxy that people are shown. */
  readonly proxy: ProxyAddress;
  /** The proxy for programs that know only one without TLS; the same one where there is no other. */
  readonly plainProxy: Address;
  /** Whether the CA that the server has made signs for its TLS now. */
  readonly hasOwnCa: boolean;
}

/** The state of `tunnel` in the REST API; `host` is the server's. */
export function stateOf(tunnel: Tunnel, host: string): TunnelState {
  return {
    id: tunnel.id,
    owner: tunnel.owner,
    tunnel_identifier: tunnel.name,
    status: tunnel.status,
    is_ready: tunnel.isReady,
    host,
    protocol: "h2c",
    creation_time: seconds(tunnel.createdAt),
    launch_time: secondsOrNull(tunnel.launchedAt),
    last_connected: secondsOrNull(tunnel.lastConnectedAt),
    shutdown_time: secondsOrNull(tunnel.shutdownAt),
    shutdown_reason: tunnel.stopCause?.reason ?? null,
    user_shutdown: tunnel.stopCause?.byUser ?? null,
    replaced_by: replacedBy(tunnel),
    shared: tunnel.shared,
    shared_tunnel: tunnel.shared === "all",
    tunnel_pool: tunnel.pool,
    dedicated_port: tunnel.port ?? null,
    metadata: tunnel.metadata,
    ...tunnel.rules,
  };
}

/** Whether the metadata of a tunnel has all `wanted` entries. */
export function matchesMetadata(
  { metadata: { extra = {} } }: Pick<Tunnel, "metadata">,
  wanted: Readonly<Record<string, string>>,
): boolean {
  return Object.entries(wanted)
    .every(([name, value]) => extra[name] === value);
}

/** The reply to the client that created a tunnel. */
export function createdReplyOf(
  { tunnel, tunnelToken, proxyPassword }: CreatedTunnel,
  { host, tunnel: dialled, isTunnelAtServer, proxy, plainProxy, hasOwnCa }:
    Advertised,
): CreatedTunnelReply {
  return {
    ...stateOf(tunnel, host),
    messages: { fatal: [], warning: warningsOf(tunnel), info: [] },
    tunnel_host: dialled.hostname,
    tunnel_port: dialled.port,
    tunnel_at_server: isTunnelAtServer,
    tunnel_token: tunnelToken,
    proxy_host: plainProxy.hostname,
    proxy_port: plainProxy.port,
    proxy_url: proxyUrlOf(proxy),
    proxy_own_ca: hasOwnCa,
    proxy_username: `${tunnel.owner}+${tunnel.name}`,
    proxy_password: proxyPassword,
  };
}

function warningsOf({ wantsPort, port }: Tunnel): readonly string[] {
  if (!wantsPort || port !== undefined) return [];
  return [
    "The server has no free port for this tunnel (see its option --proxy-port-range): browsers need credentials",
  ];
}

function replacedBy({ stopCause }: Tunnel): TunnelState["replaced_by"] {
  if (stopCause?.replacedBy === undefined) return null;
  const { user, host = null, address = null, at } = stopCause.replacedBy;
  return { user, host, address, time: seconds(at) };
}

function seconds(milliseconds: number): number {
  return Math.floor(milliseconds / 1000);
}

function secondsOrNull(milliseconds: number | undefined): number | null {
  return milliseconds === undefined ? null : seconds(milliseconds);
}
