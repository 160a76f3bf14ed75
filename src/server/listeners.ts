/**
 * The ports that clients and browsers come in by. They close together, before
 * anything else of a server that is stopped.
 *
 * @module
 */
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
import type { RightsWatch } from "./accounts/permission_watcher.ts";
import type { Shares } from "./accounts/shares.ts";
import {
  startTunnelProxy,
  type TunnelProxyOptions,
} from "./proxy/tunnel_proxy.ts";
import { startTunnelServer } from "./tunnels/tunnel_server.ts";

/** What stands behind the doors. */
export interface ListenerDependencies
  extends Pick<TunnelProxyOptions, "httpLog" | "metrics" | "resigner"> {
  /** Of the port for clients. */
  readonly identity: TlsIdentity;
  /** Of all ports. */
  readonly limits: ConnectionLimits;
  readonly access: AuthorizeOptions;
  /** Cuts whose rights are over. */
  readonly watch: RightsWatch;
  /** Whose is what of the tables that all share. */
  readonly shares: Shares;
}

/** Who may use ports without credentials unless the administrator says who. */
const LOOPBACK = ["127.0.0.0/8", "::1"];

/** Open doors. Disposing them takes nothing new, and waits for what is under way. */
export class Listeners implements AsyncDisposable {
  /** Where clients connect. */
  readonly tunnelServer: Acceptor;
  /** Where browsers do. */
  readonly proxy: Acceptor;
  readonly #proxies = new AsyncDisposableStack();
  #isClosing = false;

  /** Opens all. @throws {ListenError} When an address cannot be had. */
  constructor(options: ServerOptions, parts: ListenerDependencies) {
    using opened = new DisposableStack();
    const { registry } = parts.access;
    this.tunnelServer = startTunnelServer({
      address: options.tunnelAddress ?? local(8444),
      identity: parts.identity,
      limits: parts.limits,
      registry,
      loginTimeout: options.loginTimeout,
      shutdownTimeout: options.shutdownTimeout,
    });
    opened.defer(() => void this[Symbol.asyncDispose]());
    this.proxy = startProxies(options, parts, this.#proxies);
    opened.move();
  }

  /** Whether they take nothing new any more. */
  get isClosing(): boolean {
    return this.#isClosing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosing = true;
    await Promise.all([
      this.tunnelServer[Symbol.asyncDispose](),
      this.#proxies.disposeAsync(),
    ]);
  }
}

/** The proxy of the browsers, those of single tunnels, and the one for what goes past the tunnels. */
function startProxies(
  { proxyAddress = local(8080), ...options }: ServerOptions,
  { access, metrics, interceptor, httpLog, limits, watch, shares }:
    ListenerDependencies,
  parts: AsyncDisposableStack,
): Acceptor {
  const { direct: mode = "public", loginTimeout, shutdownTimeout } = options;
  const { directPorts: ports, externalHost } = options;
  const { exchangeIdleTimeout: silence } = options;
  const past = parts.use(
    createDirectProxy({ mode, ports, externalHost, metrics }),
  );
  const shared = {
    ...{ metrics, interceptor, httpLog, limits, loginTimeout, shutdownTimeout },
    ...{ watch, shares },
    silenceTimeout: silence === 0 ? Infinity : silence,
    direct: past.carry,
  };
  const acceptor = parts.use(startTunnelProxy({
    ...shared,
    address: proxyAddress,
    admit: (authorization, address, signal) =>
      authorizeByCredentials(authorization, { address, signal }, access),
  }));
  const allowed = new AddressRanges(options.proxyPortAllow ?? LOOPBACK);
  const { registry, accounts } = access;
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
          admit: authorizeByAddress(pool, { registry, allowed }),
          isOpen: true,
        }),
    }),
  );
  return acceptor;
}

function local(port: number): Address {
  return { hostname: "127.0.0.1", port };
}
