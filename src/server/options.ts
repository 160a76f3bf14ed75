/**
 * What a server can be told.
 *
 * @module
 */
import type { HttpLogRule } from "../log/http_log.ts";
import type { Address } from "../net/address/address.ts";
import type { PortRange } from "../config/options/port_config.ts";
import type { Credentials } from "./accounts/accounts.ts";
import type { DirectMode } from "./proxy/direct_proxy.ts";

/** Options of {@linkcode startServer}. */
export interface ServerOptions {
  /** Where the REST API and the page listen. Default `127.0.0.1:8443`; port 0 for any free one. */
  readonly address?: Address;
  /** Where clients connect. Default `127.0.0.1:8444`. */
  readonly tunnelAddress?: Address;
  /** Where browsers find their proxy. Default `127.0.0.1:8080`. */
  readonly proxyAddress?: Address;
  /** Ports for tunnels that want one of their own, where browsers need no credentials; none unless given. */
  readonly proxyPortRange?: PortRange | undefined;
  /** IP addresses and ranges (`10.1.0.0/16`) that may use them. Default this machine. */
  readonly proxyPortAllow?: readonly string[];
  /** Name by which clients and browsers reach the server; by default the name that a request was sent to. */
  readonly externalHost?: string | undefined;
  /** Directory for users and certificates; made when missing. */
  readonly dataDir: string;
  /** Certificate chain and key in PEM; without them the server makes its own in the data directory. */
  readonly tls?: { readonly cert: string; readonly key: string } | undefined;
  /**
   * CA that signs for hosts whose TLS is opened: certificate chain, its own
   * first, and key in PEM. Without it the CA in the data directory does.
   */
  readonly interceptionCa?:
    | { readonly cert: string; readonly key: string }
    | undefined;
  /** Users that shall exist, besides those in the data directory; the first one of a new server is its admin. */
  readonly users?: readonly Credentials[];
  /** How long running exchanges may take when the server is stopped, in milliseconds. Default 30,000. */
  readonly shutdownTimeout?: number;
  /** What the server reaches itself for tunnels whose rules lead past them. Default `public`. */
  readonly direct?: DirectMode;
  /** The ports of sites that it reaches so. Default 80 and 443; all where `direct` is `all`. */
  readonly directPorts?: readonly number[] | "all" | undefined;
  /** Which HTTP messages are logged; `control` has none here, later rules replace earlier ones. Default none. */
  readonly httpLog?: readonly HttpLogRule[];
  /** Exchanges that each tunnel may have under way at the same time. Default 4096. */
  readonly tunnelMaxExchanges?: number;
  /** Bytes of content per second that may pass through each tunnel each way; 0 (default) is no limit. */
  readonly tunnelRateLimit?: number;
  /** Requests a second that the REST API takes of each user in the long run, and 16 times as many at once; 0 is no limit. Default 250. */
  readonly restUserRateLimit?: number;
  /** The same for each IP address. Default 500. */
  readonly restAddressRateLimit?: number;
  /** Failed logins in a minute after which an address must wait with that user name, and after ten times as many with any. Default 10. */
  readonly loginMaxFailures?: number;
  /** Connections that all ports take together. Default 10,000, at most half of the files that the process may open. */
  readonly maxConnections?: number;
  /** Connections of one IPv4 address or IPv6 /64. Default three quarters of `maxConnections`. */
  readonly maxConnectionsPerAddress?: number | undefined;
  /** How long a browser's connection may be silent in both directions, in milliseconds; 0 is no limit. Default 15 min. */
  readonly exchangeIdleTimeout?: number;
  /** How long a connection may be open before a login on it is right, in milliseconds. Default 1 min. */
  readonly loginTimeout?: number;
  /** Lines of level error that the program has logged, by module, for `/metrics`; those of an embedding program are its own to count. */
  readonly loggedErrors?: ReadonlyMap<string, number>;
  /** Gives up the start; a server that is up is stopped with `stop()`. */
  readonly signal?: AbortSignal;
}
