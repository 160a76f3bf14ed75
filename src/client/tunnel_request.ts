/** The tunnel that a client requests from the server. */
import { hostname } from "node:os";
import type { CreateTunnelRequest } from "../api/resources/tunnel_resource.ts";
import { VERSION } from "../config/version.ts";
import type { ClientOptions } from "./options.ts";

/** A tunnel as its user describes it, and the machine it is for. */
export interface TunnelRequest {
  /** Origin of the server, for log lines. */
  readonly server: string;
  readonly tunnelName: string;
  readonly shared: "all" | undefined;
  readonly pool: boolean;
  /** Hosts that are refused. */
  readonly denyDomains: readonly string[];
  /** Hosts that bypass the tunnel; excludes `tunnelDomains`. */
  readonly directDomains: readonly string[];
  /** The only hosts that use the tunnel; excludes `directDomains`. */
  readonly tunnelDomains: readonly string[];
  /** Whether the tunnel gets a proxy port of its own, where browsers need no credentials. */
  readonly dedicatedPort: boolean;
  /** Hosts whose TLS is intercepted; excludes `tlsPassthroughDomains`. */
  readonly tlsResignDomains: readonly string[];
  /** Hosts whose TLS is not intercepted; excludes `tlsResignDomains`. */
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

/** The tunnel that `options` describe. */
export function tunnelRequestOf(options: ClientOptions): TunnelRequest {
  return {
    server: options.server,
    tunnelName: options.tunnelName,
    shared: options.shared,
    pool: options.tunnelPool ?? false,
    denyDomains: options.denyDomains ?? [],
    directDomains: options.directDomains ?? [],
    tunnelDomains: options.tunnelDomains ?? [],
    dedicatedPort: options.dedicatedPort ?? false,
    ...interceptedDomains(options),
    metadata: options.metadata ?? {},
    hostname: hostname(),
    platform: `${VERSION.os} ${VERSION.arch}`,
    version: VERSION.version,
  };
}

/**
 * The lists of hosts whose TLS the server intercepts; at most one has entries.
 *
 * Hosts with credentials are always intercepted: credentials can be added only
 * to requests that can be read.
 */
export function interceptedDomains(
  { tlsResignDomains = [], tlsPassthroughDomains = [], credentials = [] }: Pick<
    ClientOptions,
    "tlsResignDomains" | "tlsPassthroughDomains" | "credentials"
  >,
): Pick<TunnelRequest, "tlsResignDomains" | "tlsPassthroughDomains"> {
  const hosts = new Set(
    credentials.map(({ hostname }) => hostname).filter((host) => host !== "*"),
  );
  const exactly = [...hosts].map((host) => `^${escapeExpression(host)}$`);
  if (tlsPassthroughDomains.length > 0) {
    const others = exactly.map((host) => `-${host}`);
    return {
      tlsResignDomains,
      tlsPassthroughDomains: [...tlsPassthroughDomains, ...others],
    };
  }
  return {
    tlsResignDomains: [...tlsResignDomains, ...exactly],
    tlsPassthroughDomains,
  };
}

function escapeExpression(host: string): string {
  return host.replace(/[.\\[\](){}*+?^$|]/g, "\\$&");
}

/** The request in the words of the REST API. */
export function createTunnelBody(request: TunnelRequest): CreateTunnelRequest {
  return {
    tunnel_identifier: request.tunnelName,
    protocol: "h2c",
    tunnel_pool: request.pool,
    ...(request.shared && { shared: request.shared }),
    ...(request.denyDomains.length > 0 && {
      deny_domains: request.denyDomains,
    }),
    ...(request.directDomains.length > 0 && {
      direct_domains: request.directDomains,
    }),
    ...(request.tunnelDomains.length > 0 && {
      tunnel_domains: request.tunnelDomains,
    }),
    ...(request.dedicatedPort && { dedicated_port: true }),
    ...(request.tlsResignDomains.length > 0 && {
      tls_resign_domains: request.tlsResignDomains,
    }),
    ...(request.tlsPassthroughDomains.length > 0 && {
      tls_passthrough_domains: request.tlsPassthroughDomains,
    }),
    metadata: {
      command: "run",
      extra: request.metadata,
      hostname: request.hostname,
      platform: request.platform,
      release: request.version,
    },
  };
}
