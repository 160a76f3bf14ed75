import type { HttpLogRule } from "../log/http_log.ts";
import type { HeaderLimits } from "../http1/parse/header_limits.ts";
import type { Address } from "../net/address/address.ts";
import type {
  ForwardingFields,
  ProxyProtocolMode,
} from "../net/listen/trusted_proxies.ts";
import type { PortRange } from "../config/options/port_config.ts";
import type { Credentials } from "./accounts/accounts.ts";
import type { SilenceLimits } from "../tunnel/silence.ts";
import type { AcmeOptions } from "./acme/options.ts";
import type { ExternalAddresses } from "./ports/advertise.ts";
import type { OidcOptions } from "./web/oidc/provider.ts";
import type { DirectMode } from "./proxy/direct_proxy.ts";

/** Options of {@linkcode startServer}. */
export interface ServerOptions extends ExternalAddresses {
  /**
   * The port for all: REST API, page, clients, and browsers that use it as an
   * HTTPS proxy. Default `127.0.0.1:8443`; port 0 takes a free one.
   */
  readonly address?: Address;
  /** A port of their own for clients; `address` takes none then. Default: they use `address`. */
  readonly tunnelAddress?: Address | undefined;
  /** Address of the proxy without TLS, for browsers; `none` for no such port. Default `127.0.0.1:8080`. */
  readonly proxyAddress?: Address | "none";
  /** Whether `address` is a proxy for browsers. Default `true`. */
  readonly httpsProxy?: boolean;
  /** Ports for tunnels that request one of their own. Browsers need no credentials there. Default none. */
  readonly proxyPortRange?: PortRange | undefined;
  /** IP addresses and ranges (`10.1.0.0/16`) that may use these ports. Default this machine. */
  readonly proxyPortAllow?: readonly string[];
  /** IP addresses and ranges of the proxies before the server; they are believed about their clients. Default none. */
  readonly trustedProxies?: readonly string[];
  /** Whether their connections begin with a PROXY header. Default `off`. */
  readonly proxyProtocol?: ProxyProtocolMode | undefined;
  /** The fields in which they name clients. Default `x-forwarded`. */
  readonly forwardedFields?: ForwardingFields | undefined;
  /** Whether they alone end TLS: REST API, page and the port for clients speak without. Default `false`. */
  readonly plainHttp?: boolean;
  /** Directory for users and certificates; created when missing. */
  readonly dataDir: string;
  /** Certificate chain and key in PEM. By default the server issues its own, in the data directory. */
  readonly tls?: { readonly cert: string; readonly key: string } | undefined;
  /** Gets the certificate from an ACME server, in place of `tls`. The server's own one is in use until there is one. */
  readonly acme?: AcmeOptions | undefined;
  /**
   * CA for intercepted TLS: certificate chain in PEM, its own certificate
   * first, and key in PEM. Default the CA in the data directory.
   */
  readonly interceptionCa?:
    | { readonly cert: string; readonly key: string }
    | undefined;
  /** Reads `tls` and `interceptionCa` again. New connections get what has changed. By default both stay as they are. */
  readonly rereadCertificates?: () => Promise<
    Pick<ServerOptions, "tls" | "interceptionCa">
  >;
  /** How often all certificates are read again, in milliseconds. Default 30 s. */
  readonly certificateInterval?: number;
  /** Users to create if they are missing. The first user of a new server is its admin. */
  readonly users?: readonly Credentials[];
  /** The identity provider at which people may sign in to the page. By default they sign in with keys only. */
  readonly oidc?: OidcOptions | undefined;
  /** How long running exchanges may take when the server stops, in milliseconds. Default 30,000. */
  readonly shutdownTimeout?: number;
  /** Which sites the server reaches itself when a tunnel's rules say so. Default `public`. */
  readonly direct?: DirectMode;
  /** Ports of the sites that it reaches itself. Default 80 and 443; all where `direct` is `all`. */
  readonly directPorts?: readonly number[] | "all" | undefined;
  /** Which HTTP messages are logged. `control` has none here; later rules replace earlier ones. Default none. */
  readonly httpLog?: readonly HttpLogRule[];
  /** Exchanges that each tunnel may run at the same time. Default 4096. */
  readonly tunnelMaxExchanges?: number;
  /** Limits of the header sections of browsers' requests. Default 64 KiB and 256 fields. */
  readonly headerLimits?: HeaderLimits;
  /** Bytes of content per second and direction of each tunnel; 0 (default) means no limit. */
  readonly tunnelRateLimit?: number;
  /** Latest requests of each tunnel that its page shows; 0 keeps none. Default 100. */
  readonly tunnelRequests?: number;
  /** REST requests a second of each user; a burst may have 16 times as many. 0 means no limit. Default 250. */
  readonly restUserRateLimit?: number;
  /** REST requests a second of each IP address, with the same burst. Default 500. */
  readonly restAddressRateLimit?: number;
  /**
   * Failed logins a minute after which an address must wait with that user
   * name; after ten times as many it must wait with all names. Default 10.
   */
  readonly loginMaxFailures?: number;
  /** Connections of all ports together. Default 10,000, at most half of the files that the process may open. */
  readonly maxConnections?: number;
  /** Connections of one IPv4 address or IPv6 /64. Default three quarters of `maxConnections`. */
  readonly maxConnectionsPerAddress?: number | undefined;
  /** How long a browser's connection may be silent in both directions, in milliseconds; 0 means no limit. Default 15 min. */
  readonly exchangeIdleTimeout?: number;
  /** How long a browser may send nothing of a request's content, as long as there is no response, in milliseconds; 0 means no limit. Default 2 min. */
  readonly requestBodyTimeout?: number;
  /** How long a connection may stay open without a successful login, in milliseconds. Default 1 min. */
  readonly loginTimeout?: number;
  /** When sessions with clients are checked and given up. Default: a PING every 5 s, and 5 s for its reply. */
  readonly silence?: SilenceLimits | undefined;
  /** Log lines of level error, by module, for `/metrics`. An embedding program counts its own. */
  readonly loggedErrors?: ReadonlyMap<string, number>;
  /** How many log lines were dropped, for `/metrics`. */
  readonly droppedLogLines?: () => number;
  /** Cancels the start. `stop()` stops a server that is running. */
  readonly signal?: AbortSignal;
}
