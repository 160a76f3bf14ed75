/** The tunnel that a client requests from the server. */
// deno-lint-ignore-file camelcase -- the names on the wire
import { hostname } from "node:os";
import type { CreateTunnelRequest } from "../api/resources/tunnel_resource.ts";
import { VERSION } from "../config/version.ts";
import type { ClientOptions } from "./options.ts";

/** A tunnel as its user describes it, and the machine it is for. */
export interface TunnelRequest extends
  Required<
    Pick<
      ClientOptions,
      | "server"
      | "tunnelName"
      | "denyDomains"
      | "directDomains"
      | "tunnelDomains"
      | "dedicatedPort"
      | "tlsResignDomains"
      | "tlsPassthroughDomains"
      | "metadata"
    >
  > {
  readonly shared: "all" | undefined;
  readonly pool: boolean;
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

/** The request in the words of the REST API. Empty lists are left out. */
export function createTunnelBody(request: TunnelRequest): CreateTunnelRequest {
  const lists = {
    deny_domains: request.denyDomains,
    direct_domains: request.directDomains,
    tunnel_domains: request.tunnelDomains,
    tls_resign_domains: request.tlsResignDomains,
    tls_passthrough_domains: request.tlsPassthroughDomains,
  };
  return {
    tunnel_identifier: request.tunnelName,
    protocol: "h2c",
    tunnel_pool: request.pool,
    ...(request.shared && { shared: request.shared }),
    ...(request.dedicatedPort && { dedicated_port: true }),
    ...Object.fromEntries(
      Object.entries(lists).filter(([, list]) => list.length > 0),
    ),
    metadata: {
      command: "run",
      extra: request.metadata,
      hostname: request.hostname,
      platform: request.platform,
      release: request.version,
    },
  };
}
