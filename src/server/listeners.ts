// What serves clients and browsers: on ports of their own, and on the port that
// they share with REST API and page. A server that stops ends it first, before
// all its other parts.
import { type Address, parseAddress } from "../net/address/address.ts";
import type { ProxyAddress } from "../net/address/proxy_address.ts";
import type { Acceptor } from "../net/listen/acceptor.ts";
import type { TlsIdentity } from "../net/tls/tls_terminator.ts";
import {
  type BrowserDependencies,
  type BrowserPorts,
  connectInside,
  startBrowserPorts,
} from "./browser_ports.ts";
import type { ServerOptions } from "./options.ts";
import { externalHostsOf, externalSiteOf } from "./ports/advertise.ts";
import { SharedPort } from "./ports/shared_port.ts";
import type { ProxyPath } from "./proxy/probe.ts";
import { sessionServer, startTunnelServer } from "./tunnels/tunnel_server.ts";

/** What the listeners serve connections with. */
export interface ListenerDependencies extends BrowserDependencies {
  /** Certificate of the port for clients. */
  readonly identity: TlsIdentity;
}

/** Open ports. Disposing closes them and waits for the running exchanges. */
export class Listeners implements AsyncDisposable {
  /** The port for clients; `undefined` if they use the shared one. */
  readonly tunnelServer: Acceptor | undefined;
  /** What the port of REST API and page serves besides. */
  readonly shared: SharedPort;
  readonly #browsers: BrowserPorts;
  readonly #ports = new AsyncDisposableStack();
  /** What all ports use: it ends after them. */
  readonly #used = new AsyncDisposableStack();
  #isClosing = false;

  /** Opens the ports. @throws {ListenError} When an address cannot be used. */
  constructor(options: ServerOptions, parts: ListenerDependencies) {
    using opened = new DisposableStack();
    opened.defer(() => void this[Symbol.asyncDispose]());
    const { tunnelAddress: address, silence } = options;
    const { loginTimeout, shutdownTimeout } = options;
    const { registry } = parts.authorization;
    const { identity, limits } = parts;
    const { trusted } = limits;
    const sessions = { registry, silence, trusted };
    this.tunnelServer = address && startTunnelServer({
      ...{ ...sessions, address, identity },
      ...{ limits, loginTimeout, shutdownTimeout },
    });
    const isProxy = options.httpsProxy ?? true;
    this.#browsers = startBrowserPorts(options, parts, {
      ports: this.#ports,
      shared: this.#used,
    });
    this.shared = new SharedPort({
      proxy: isProxy ? this.#browsers.handleBrowser : undefined,
      sessions: address === undefined ? sessionServer(sessions) : undefined,
      external: externalSiteOf(options),
      trusted,
      pacProxy: (authority) => this.#pacProxy(authority, options),
      shutdownTimeout,
    });
    opened.move();
  }

  /** The proxy without TLS, if there is one. */
  get proxy(): Acceptor | undefined {
    return this.#browsers.acceptor;
  }

  /** How a probe gets to the proxy. */
  get proxyPath(): ProxyPath {
    const { handleBrowser } = this.#browsers;
    return {
      check: () => this.#isClosing ? "the server is stopping" : this.check(),
      connect: () => connectInside(handleBrowser),
    };
  }

  /** Whether the ports are closing. */
  get isClosing(): boolean {
    return this.#isClosing;
  }

  /** Why one of them accepts no connections; `undefined` if all do. */
  check(): string | undefined {
    return this.tunnelServer?.trouble ?? this.proxy?.trouble;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosing = true;
    await Promise.all([
      this.tunnelServer?.[Symbol.asyncDispose](),
      this.#ports.disposeAsync(),
      // The constructor may have failed before it was there.
      (this.shared as SharedPort | undefined)?.[Symbol.asyncDispose](),
    ]);
    await this.#used.disposeAsync();
  }

  /** The proxy for who reads its settings on the shared port. */
  #pacProxy(
    authority: string,
    { httpsProxy = true, ...external }: ServerOptions,
  ): ProxyAddress {
    const { externalProxyAddress, externalHost } = external;
    if (externalProxyAddress !== undefined) return externalProxyAddress;
    const asked = parseAddress(authority, HTTPS_PORT);
    const [named = asked.hostname] = externalHost === undefined
      ? []
      : externalHostsOf({ externalHost });
    const shared: Address = externalSiteOf(external) ??
      { ...asked, hostname: named };
    const plain = this.proxy?.address;
    return httpsProxy || plain === undefined
      ? { secure: true, ...shared }
      : { secure: false, ...shared, port: plain.port };
  }
}

const HTTPS_PORT = 443;
