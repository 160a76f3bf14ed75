// The ports for browsers: the proxy without TLS, the ports of single tunnels, and
// the proxy on the port that is shared with REST API and page.
import { databasePath } from "../config/data_dir.ts";
import { serveHttp1 } from "../http1/server/serve.ts";
import type { RequestHeaders } from "../http_server/http_server.ts";
import type { Address } from "../net/address/address.ts";
import { AddressRanges } from "../net/address/address_ranges.ts";
import type { Acceptor } from "../net/listen/acceptor.ts";
import type { ConnectionLimits } from "../net/listen/connection_limits.ts";
import type { ByteStream } from "../net/stream/byte_stream.ts";
import { streamPair } from "../net/stream/stream_pair.ts";
import { ERROR_FIELD } from "../proxy/errors/error_page.ts";
import type { PermissionWatcher } from "./accounts/permission_watcher.ts";
import type { SharedTables } from "./accounts/shared_tables.ts";
import type { ServerOptions } from "./options.ts";
import { externalHostsOf } from "./ports/advertise.ts";
import {
  authorizeByAddress,
  authorizeByCredentials,
  type AuthorizeOptions,
} from "./proxy/authorize.ts";
import { DedicatedPorts } from "./proxy/dedicated_ports.ts";
import { createDirectProxy } from "./proxy/direct_proxy.ts";
import { JobAffinity } from "./proxy/job_affinity.ts";
import { PortLeases } from "./proxy/port_leases.ts";
import {
  type HandleBrowser,
  type ProxyConnectionOptions,
  proxyConnections,
  startTunnelProxy,
  type TunnelProxyOptions,
} from "./proxy/tunnel_proxy.ts";
import type { StorageHealth } from "../store/storage_health.ts";

/** The limits of browsers' requests, and what raises them. */
export function requestHeaders(
  { headerLimits }: Pick<ServerOptions, "headerLimits">,
): RequestHeaders {
  const limitAdvice = "shorten it (cookies?), or raise the server options " +
    "--max-header-size and --max-header-fields";
  return { headerLimits, limitAdvice, errorField: ERROR_FIELD };
}

/** What browsers are served with. */
export interface BrowserDependencies extends
  Pick<
    TunnelProxyOptions,
    "httpLog" | "metrics" | "interceptor" | "tunnelPage"
  > {
  /** Limits that all ports share. */
  readonly limits: ConnectionLimits;
  readonly authorization: AuthorizeOptions;
  /** Closes connections whose permission ends. */
  readonly watch: PermissionWatcher;
  /** What is known of writes to the database. */
  readonly health: StorageHealth;
  /** Assigns entries of bounded tables to organizations. */
  readonly shares: SharedTables;
}

/** Clients of ports without credentials, by default: this machine. */
const LOOPBACK = ["127.0.0.0/8", "::1"];
const DEFAULT_PROXY: Address = { hostname: "127.0.0.1", port: 8080 };

/** What serves browsers. */
export interface BrowserPorts {
  /** The proxy without TLS, if there is one. */
  readonly acceptor: Acceptor | undefined;
  /** Handles browsers on another port. */
  readonly handleBrowser: HandleBrowser;
}

/** What ends in which order. */
export interface BrowserParts {
  /** The ports. They end together with others. */
  readonly ports: AsyncDisposableStack;
  /** What all ports use. It ends after them. */
  readonly shared: AsyncDisposableStack;
}

/** Starts the ports. @throws {ListenError} When an address cannot be used. */
export function startBrowserPorts(
  options: ServerOptions,
  dependencies: BrowserDependencies,
  parts: BrowserParts,
): BrowserPorts {
  const { proxyAddress = DEFAULT_PROXY, externalProxyAddress } = options;
  const { authorization, shares } = dependencies;
  const connections = connectionsOf(options, dependencies, parts.shared);
  const common: ProxyConnectionOptions = {
    ...connections,
    authorize: (credentials, address, signal) =>
      authorizeByCredentials(credentials, { address, signal }, authorization),
    affinity: new JobAffinity({ shares }),
  };
  const isPlain = externalProxyAddress?.secure === false;
  const limits = limitsOf(options, dependencies);
  const acceptor = proxyAddress === "none" ? undefined : parts.ports.use(
    startTunnelProxy({
      ...{ ...common, ...limits, address: proxyAddress },
      external: isPlain ? externalProxyAddress : undefined,
    }),
  );
  const shared = { ...connections, ...limits };
  startDedicatedPorts(options, { ...dependencies, shared }, parts.ports);
  return { acceptor, handleBrowser: proxyConnections(common) };
}

function startDedicatedPorts(
  options: ServerOptions,
  { authorization, health, watch, shared }: BrowserDependencies & {
    readonly shared: Omit<TunnelProxyOptions, "address" | "authorize">;
  },
  parts: AsyncDisposableStack,
): void {
  const { proxyAddress = DEFAULT_PROXY, address = DEFAULT_PROXY } = options;
  const { hostname } = proxyAddress === "none" ? address : proxyAddress;
  const allowed = new AddressRanges(options.proxyPortAllow ?? LOOPBACK);
  const { registry, accounts } = authorization;
  const leases = parts.use(
    new PortLeases(databasePath(options.dataDir), { health }),
  );
  parts.use(
    new DedicatedPorts({
      range: options.proxyPortRange,
      ...{ registry, accounts, leases, watch },
      open: (port, pool) =>
        startTunnelProxy({
          ...shared,
          address: { hostname, port },
          port: "dedicated",
          authorize: authorizeByAddress(pool, { registry, allowed }),
          allowAnonymous: true,
        }),
    }),
  );
}

/** A connection to the proxy that stays inside this process. */
export function connectInside(handleBrowser: HandleBrowser): ByteStream {
  const [near, far] = streamPair();
  const { signal } = new AbortController();
  const { handler, onEnd } = handleBrowser({
    address: "127.0.0.1",
    admit() {},
    close: () => far.close(),
    closed: signal,
  }, signal);
  void serveHttp1(far, handler, { signal }).finally(onEnd);
  return near;
}

/** What browsers' connections on all ports have in common. */
function connectionsOf(
  options: ServerOptions,
  { metrics, interceptor, httpLog, watch, shares, tunnelPage }:
    BrowserDependencies,
  parts: AsyncDisposableStack,
): Omit<ProxyConnectionOptions, "authorize"> {
  const { direct: mode = "public", directPorts: ports } = options;
  const externalHosts = externalHostsOf(options);
  const direct = parts.use(createDirectProxy({ mode, ports, externalHosts }));
  return {
    ...{ metrics, interceptor, httpLog, watch, shares, tunnelPage },
    requestBodyTimeout: unlimited(options.requestBodyTimeout),
    direct: direct.roundTrip,
  };
}

type PortLimits = Pick<
  TunnelProxyOptions,
  "limits" | "headers" | "loginTimeout" | "silenceTimeout" | "shutdownTimeout"
>;

function limitsOf(
  options: ServerOptions,
  { limits }: BrowserDependencies,
): PortLimits {
  const { loginTimeout, shutdownTimeout, exchangeIdleTimeout } = options;
  return {
    ...{ limits, loginTimeout, shutdownTimeout },
    headers: requestHeaders(options),
    silenceTimeout: unlimited(exchangeIdleTimeout),
  };
}

/** In options, 0 means no limit. */
export function unlimited(timeout: number | undefined): number | undefined {
  return timeout === 0 ? Infinity : timeout;
}
