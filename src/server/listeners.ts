// The ports for clients and browsers. A server that stops closes them together,
// before all its other parts.
import { databasePath } from "../config/data_dir.ts";
import type { Acceptor } from "../net/listen/acceptor.ts";
import type { Address } from "../net/address/address.ts";
import { AddressRanges } from "../net/address/address_ranges.ts";
import type { ConnectionLimits } from "../net/listen/connection_limits.ts";
import type { TlsIdentity } from "../net/tls/tls_terminator.ts";
import { DedicatedPorts } from "./proxy/dedicated_ports.ts";
import { createDirectProxy } from "./proxy/direct_proxy.ts";
import { PortLeases } from "./proxy/port_leases.ts";
import type { ServerOptions } from "./options.ts";
import {
  authorizeByAddress,
  authorizeByCredentials,
  type AuthorizeOptions,
} from "./proxy/authorize.ts";
import type { PermissionWatcher } from "./accounts/permission_watcher.ts";
import type { SharedTables } from "./accounts/shared_tables.ts";
import {
  startTunnelProxy,
  type TunnelProxyOptions,
} from "./proxy/tunnel_proxy.ts";
import type { RequestHeaders } from "../http_server/http_server.ts";
import { startTunnelServer } from "./tunnels/tunnel_server.ts";

/** The limits of browsers' requests, and what raises them. */
export function requestHeaders(
  { headerLimits }: Pick<ServerOptions, "headerLimits">,
): RequestHeaders {
  const limitAdvice = "shorten it (cookies?), or raise the server options " +
    "--max-header-size and --max-header-fields";
  return { headerLimits, limitAdvice };
}

/** What the listeners serve connections with. */
export interface ListenerDependencies
  extends Pick<TunnelProxyOptions, "httpLog" | "metrics" | "interceptor"> {
  /** Certificate of the port for clients. */
  readonly identity: TlsIdentity;
  /** Limits that all ports share. */
  readonly limits: ConnectionLimits;
  readonly authorization: AuthorizeOptions;
  /** Closes connections whose permission ends. */
  readonly watch: PermissionWatcher;
  /** Assigns entries of bounded tables to organizations. */
  readonly shares: SharedTables;
}

/** Clients of ports without credentials, by default: this machine. */
const LOOPBACK = ["127.0.0.0/8", "::1"];

/** Open ports. Disposing closes them and waits for the running exchanges. */
export class Listeners implements AsyncDisposable {
  /** The port for clients. */
  readonly tunnelServer: Acceptor;
  /** The shared port for browsers. */
  readonly proxy: Acceptor;
  readonly #proxies = new AsyncDisposableStack();
  #isClosing = false;

  /** Opens the ports. @throws {ListenError} When an address cannot be used. */
  constructor(options: ServerOptions, parts: ListenerDependencies) {
    using opened = new DisposableStack();
    const { registry } = parts.authorization;
    this.tunnelServer = startTunnelServer({
      address: options.tunnelAddress ?? local(8444),
      identity: parts.identity,
      limits: parts.limits,
      registry,
      silence: options.silence,
      loginTimeout: options.loginTimeout,
      shutdownTimeout: options.shutdownTimeout,
    });
    opened.defer(() => void this[Symbol.asyncDispose]());
    this.proxy = startProxies(options, parts, this.#proxies);
    opened.move();
  }

  /** Whether the ports are closing. */
  get isClosing(): boolean {
    return this.#isClosing;
  }

  /** Why one of them accepts no connections; `undefined` if all do. */
  check(): string | undefined {
    return this.tunnelServer.trouble ?? this.proxy.trouble;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosing = true;
    await Promise.all([
      this.tunnelServer[Symbol.asyncDispose](),
      this.#proxies.disposeAsync(),
    ]);
  }
}

/** Starts the shared proxy port, the dedicated ports, and the proxy for direct requests. */
function startProxies(
  { proxyAddress = local(8080), ...options }: ServerOptions,
  { authorization, metrics, interceptor, httpLog, limits, watch, shares }:
    ListenerDependencies,
  parts: AsyncDisposableStack,
): Acceptor {
  const { direct: mode = "public", loginTimeout, shutdownTimeout } = options;
  const { directPorts: ports, externalHost } = options;
  const { exchangeIdleTimeout: silenceTimeout } = options;
  const directProxy = parts.use(
    createDirectProxy({ mode, ports, externalHost }),
  );
  const shared = {
    ...{ metrics, interceptor, httpLog, limits, loginTimeout, shutdownTimeout },
    headers: requestHeaders(options),
    ...{ watch, shares },
    silenceTimeout: silenceTimeout === 0 ? Infinity : silenceTimeout,
    direct: directProxy.roundTrip,
  };
  const acceptor = parts.use(startTunnelProxy({
    ...shared,
    address: proxyAddress,
    authorize: (credentials, address, signal) =>
      authorizeByCredentials(credentials, { address, signal }, authorization),
  }));
  const allowed = new AddressRanges(options.proxyPortAllow ?? LOOPBACK);
  const { registry, accounts } = authorization;
  const leases = parts.use(new PortLeases(databasePath(options.dataDir)));
  parts.use(
    new DedicatedPorts({
      range: options.proxyPortRange,
      ...{ registry, accounts, leases, watch },
      open: (port, pool) =>
        startTunnelProxy({
          ...shared,
          address: { hostname: proxyAddress.hostname, port },
          port: "dedicated",
          authorize: authorizeByAddress(pool, { registry, allowed }),
          allowAnonymous: true,
        }),
    }),
  );
  return acceptor;
}

function local(port: number): Address {
  return { hostname: "127.0.0.1", port };
}
