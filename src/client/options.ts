/**
 * The options of a client.
 */
import type { HttpLogRule } from "../log/http_log.ts";
import type { RequestFailure } from "../proxy/errors/error_responses.ts";
import type { RateSettings } from "../proxy/throttle.ts";
import type { TimeWindow } from "../proxy/time_window.ts";
import type { HeaderRules } from "../proxy/rewrite_headers.ts";
import type { HeaderLimits } from "../http1/parse/header_limits.ts";
import type { Address } from "../net/address/address.ts";
import type { CertificatePins } from "../net/tls/certificate_pins.ts";
import type { InspectorSettings } from "../inspector/inspector.ts";
import type { NameSettings } from "../net/names/name_resolver.ts";
import type { Resolver } from "../net/names/resolver.ts";
import type { UpstreamProxy } from "../net/address/upstream_proxy.ts";
import type { PluginList } from "../plugin/loading/plugin_list.ts";
import type { ReadBudgetOptions } from "../plugin/results/read_budget.ts";
import type { LocalhostMode } from "../proxy/local_rules.ts";
import type { SiteCredentials } from "../http/site_credentials.ts";
import type { SilenceLimits } from "../tunnel/silence.ts";
import type { TransportChoice } from "../tunnel/upgrade.ts";
import type { HostOptions } from "./host_options.ts";
import type { ClientSnapshot, ClientState } from "./state.ts";

/** How sites are reached. Durations are in milliseconds. */
export interface DialSettings {
  /** How often a connection is tried; at least 1. Default 3. */
  readonly attempts?: number;
  /** Pause between attempts. Default 1,000. */
  readonly backoff?: number;
  /** How long all attempts together may take, and an upstream proxy to connect; 0 for ever. Default 25,000. */
  readonly timeout?: number;
  /** How long an unused connection to an origin is kept. Default 90,000. */
  readonly idleConnTimeout?: number;
  /** How long to wait for the header section of a response; 0 (default) for ever. */
  readonly responseHeaderTimeout?: number;
  /** How long a TLS handshake may take. Default 10,000. */
  readonly tlsHandshakeTimeout?: number;
  /** Limits of the header sections of responses. Default 256 KiB and 4,096 fields. */
  readonly headerLimits?: HeaderLimits;
}

/** Which plugins a client has, and what they run with. Durations are in milliseconds. */
export interface PluginSettings extends PluginList {
  /** Whether files that change are loaded again. Default `true`. */
  readonly watch?: boolean;
  /** How long content that a plugin changes may stand still. Default 30,000. */
  readonly progressBudget?: number;
  /** The memory for content that hooks read. Default 64 MiB, and 3,000 ms of waiting for room. */
  readonly readLimits?: Pick<ReadBudgetOptions, "total" | "wait">;
  /** Whether plugins can be added while the client runs. Default `false`. */
  readonly canGrow?: boolean;
  /** How long it may take to load one file. Default 15,000. */
  readonly loadBudget?: number;
  /** The configuration file. When it changes, `reread` is called. Default: none. */
  readonly configFile?: string | undefined;
  /** Reads the list of plugins again. It throws when the configuration is wrong. Default: it never changes. */
  readonly reread?: (() => Promise<PluginList>) | undefined;
}

/** An event in the life of a client. */
export interface ClientEvent {
  /** The state that the client is now in. */
  readonly state: ClientState;
}

/** Options of {@linkcode startClient}. */
export interface ClientOptions extends HostOptions {
  /** Origin of the server's REST API: `https://host:port`. */
  readonly server: string;
  /** Name of the user that the tunnel belongs to. */
  readonly username: string;
  /** Access key of that user. */
  readonly accessKey: string;
  /** Name of the tunnel: 1 to 255 visible ASCII characters, no colon. */
  readonly tunnelName: string;
  /** Sessions to keep open, 1 to 64. Default: 4 for each CPU core, at most 16. */
  readonly tunnelConnections?: number;
  /** Requests that may run on one session at once. Default 256. */
  readonly tunnelMaxConcurrentStreams?: number;
  /** When sessions are checked and given up. Default: a PING every 5 s, and 5 s for its reply. */
  readonly silence?: SilenceLimits | undefined;
  /** How sessions pass the network: `auto` tries an Upgrade to HTTP/2 first, then a WebSocket. Default `auto`. */
  readonly tunnelTransport?: TransportChoice | undefined;
  /** How long each step of a connection to the server may take, in milliseconds: TCP, TLS, the Upgrade. Default 5,000. */
  readonly serverDialTimeout?: number;
  /** Certificates in PEM that are trusted besides the built-in ones, for the server and for sites. */
  readonly caCerts?: readonly string[];
  /** Where they come from, for messages; in the same order. Default: not said. */
  readonly caFiles?: readonly string[] | undefined;
  /** The certificates of the server, by their fingerprints, in place of those that authorities sign. Default: authorities are asked. */
  readonly serverPins?: CertificatePins | undefined;
  /** Reads `caCerts` again. New connections trust what has changed. By default they stay as they are. */
  readonly rereadCaCerts?: () => Promise<readonly string[]>;
  /** How often they are read again, in milliseconds. Default 30 s. */
  readonly certificateInterval?: number;
  /** Asks the server for a proxy port of this tunnel alone, where browsers need no credentials. Default `false`. */
  readonly dedicatedPort?: boolean;
  /** Where the status API listens. Default: nowhere. */
  readonly apiAddress?: Address | undefined;
  /** Path of a Unix socket where it listens too. Default: none. */
  readonly apiSocket?: string | undefined;
  /** `user:password` that the status API asks for. */
  readonly apiBasicAuth?: string | undefined;
  /**
   * Shows what passes at `/inspector` of the status API. Default: off.
   * Without `apiBasicAuth`, everybody who reaches that address sees the traffic
   * and can send requests: use an address of this machine.
   */
  readonly inspector?: InspectorSettings | undefined;
  /** How long a connection to the status API may wait for its next request, in milliseconds. Default 1 hour. */
  readonly apiIdleTimeout?: number;
  /** The PAC that is in use, as the status API shows it. */
  readonly pacText?: string | undefined;
  /** What to do with requests for this machine. Default `deny`. */
  readonly proxyLocalhost?: LocalhostMode;
  /** Whether link-local addresses and those of cloud metadata services may be reached. Default `false`. */
  readonly allowPrivateMetadata?: boolean;
  /** The proxy that sites are reached through. Default: none. The server is reached directly. */
  readonly upstreamProxy?: UpstreamProxy | undefined;
  /** The proxy that the server is reached through. Default: none. */
  readonly serverProxy?: UpstreamProxy | undefined;
  /** Hosts of the server that are reached past `serverProxy`, written as in the variable NO_PROXY. Default: none. */
  readonly serverProxyExcept?: string;
  /** Credentials for sites, whose TLS is opened, and for the upstream proxy. Default none. */
  readonly credentials?: readonly SiteCredentials[];
  /** Rules for the header fields of requests and responses. Default: none. */
  readonly headers?: HeaderRules;
  /** When requests may begin. Default: always. */
  readonly timeWindow?: TimeWindow;
  /** A loopback address where the proxy can be used without the tunnel. Default: nowhere. */
  readonly debugAddress?: Address | undefined;
  /** How fast bytes may flow between the client and sites. Default without limit. */
  readonly rates?: RateSettings;
  /** Which HTTP messages are logged; later rules replace earlier ones. Default none. */
  readonly httpLog?: readonly HttpLogRule[];
  /** Notes that the server shows with the tunnel. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** `all` lets every user of the organization use the tunnel. */
  readonly shared?: "all" | undefined;
  /** Joins the tunnels of this name as a pool instead of replacing them. Default `false`. */
  readonly tunnelPool?: boolean;
  /** How long running jobs may take when the client is stopped, in milliseconds. Default 3 hours. */
  readonly shutdownTimeout?: number;
  /** How sites are reached. */
  readonly dial?: DialSettings;
  /**
   * Resolves names of sites before all other resolvers; `undefined` leaves the
   * name to them. Addresses of this machine are denied like those of DNS servers.
   */
  readonly resolve?: Resolver;
  /** How names of sites, and of the server, become addresses. Default: as the system says. */
  readonly names?: NameSettings;
  /** Plugins that change requests and responses. Default: none. */
  readonly plugins?: PluginSettings;
  /** The configuration as `/configz` shows it. */
  readonly configz?: string;
  /** The time between heartbeats to the server's REST API, in milliseconds. Default 10 s. */
  readonly heartbeatInterval?: number;
  /** Lines of level error that the program has logged, by module, for `/metrics`; those of an embedding program are its own to count. */
  readonly loggedErrors?: ReadonlyMap<string, number>;
  /** How many log lines were dropped, for `/metrics`. */
  readonly droppedLogLines?: () => number;
  /** Called when the state changes. */
  readonly onEvent?: (event: ClientEvent) => void;
  /** Called once, with a function that reads the state of the client at any time. */
  readonly onStatus?: (read: () => ClientSnapshot) => void;
  /** Called with each request that got an error page from this client. */
  readonly onFailure?: ((failed: RequestFailure) => void) | undefined;
  /** Ends the start; a running client is stopped with `stop()`. */
  readonly signal?: AbortSignal;
}
