/**
 * What tunnel a client wants.
 *
 * @module
 */
import type { CreateTunnelRequest } from "../api/resources/tunnel_resource.ts";

/** A tunnel as its user describes it, and who asks. */
export interface TunnelWish {
  /** Origin of the server, for log lines. */
  readonly server: string;
  readonly tunnelName: string;
  readonly shared: "all" | undefined;
  readonly pool: boolean;
  /** Hosts that are refused. */
  readonly denyDomains: readonly string[];
  /** Hosts that go past the tunnel, or the only ones that go through it; at most one of them has entries. */
  readonly directDomains: readonly string[];
  readonly tunnelDomains: readonly string[];
  /** Whether browsers shall need no credentials at a port of its own. */
  readonly dedicatedPort: boolean;
  /** Hosts whose TLS is opened, or is not; at most one of them has entries. */
  readonly tlsResignDomains: readonly string[];
  readonly tlsPassthroughDomains: readonly string[];
  /** The user's notes. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Name of the client's machine. */
  readonly hostname: string;
  /** Operating system and architecture. */
  readonly platform: string;
  /** Version of the client. */
  readonly version: string;
}

/** The wish in the words of the REST API. */
export function createRequest(wish: TunnelWish): CreateTunnelRequest {
  return {
    tunnel_identifier: wish.tunnelName,
    protocol: "h2c",
    tunnel_pool: wish.pool,
    ...(wish.shared && { shared: wish.shared }),
    ...(wish.denyDomains.length > 0 && { deny_domains: wish.denyDomains }),
    ...(wish.directDomains.length > 0 && {
      direct_domains: wish.directDomains,
    }),
    ...(wish.tunnelDomains.length > 0 && {
      tunnel_domains: wish.tunnelDomains,
    }),
    ...(wish.dedicatedPort && { dedicated_port: true }),
    ...(wish.tlsResignDomains.length > 0 && {
      tls_resign_domains: wish.tlsResignDomains,
    }),
    ...(wish.tlsPassthroughDomains.length > 0 && {
      tls_passthrough_domains: wish.tlsPassthroughDomains,
    }),
    metadata: {
      command: "run",
      extra: wish.metadata,
      hostname: wish.hostname,
      platform: wish.platform,
      release: wish.version,
    },
  };
}
