/** The options of `startTunnel()`. */
import type { Address } from "../../net/address/address.ts";
import type { HostOptions } from "../host_options.ts";
import type { Plugin } from "../../plugin/api/plugin.ts";
import type { PluginUse } from "../../plugin/api/plugin_use.ts";

export type { HostOptions } from "../host_options.ts";

/** Milliseconds, or a text such as `30s` and `1m30s`. */
export type Duration = number | string;

/** Bytes, or a text such as `512Ki` and `1Mi`. */
export type Size = number | string;

/** Where to listen: `host:port`. Port 0 is any port that is free. */
export type ListenAddress = string | Address;

/** A plugin, the path or URL of its file, or either with what it runs with. */
export type AnyPlugin = Plugin<never> | PluginUse | string | URL;

/** The part of the options that says who is tunnelled where. */
export interface RequiredOptions {
  /** Address of the Sallyport server: `https://host:port`. */
  readonly server: string | URL;
  /** Name of the user who owns the tunnel. */
  readonly user: string;
  /** Access key of that user. */
  readonly accessKey: string;
  /** Name of the tunnel, or of the pool that it joins: 1 to 255 visible ASCII characters without a colon. */
  readonly name: string;
}

/** How the tunnel is used. */
export interface SharingOptions {
  /** Joins the other tunnels of this name as a pool. By default the new tunnel replaces them. */
  readonly tunnelPool?: boolean;
  /** Lets all users of the organization use the tunnel. */
  readonly shared?: "all";
  /** Notes that the server shows with the tunnel. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** Requests a proxy port of this tunnel alone, where browsers need no credentials. */
  readonly dedicatedPort?: boolean;
  /** How long to wait for running jobs when the tunnel is stopped. Default 3 hours. */
  readonly shutdownTimeout?: Duration;
  /** Connections to the server, 1 to 64. Default: 4 for each CPU core, at most 16. */
  readonly tunnelConnections?: number;
  /** Requests that may run on one of them at once. Default 256. */
  readonly tunnelMaxConcurrentStreams?: number;
  /** How connections to the server pass the network: `auto` tries `direct`, then `websocket`. Default `auto`. */
  readonly tunnelTransport?: "auto" | "direct" | "websocket";
  /** Time between checks of each connection to the server. Default 5 s. */
  readonly tunnelPingInterval?: Duration;
}

/** How sites and the server are reached. */
export interface UpstreamOptions {
  /** Upstream proxy for sites: `[http|https|socks5://][user:password@]host:port`. */
  readonly proxy?: string;
  /** PAC script that selects the upstream proxy: a path, or a `file:`, `http:`, `https:` or `data:` URL. */
  readonly pac?: string;
  /** Proxy for connections to the server, or `env` for that of `HTTPS_PROXY`. */
  readonly proxyServer?: string;
  /** Credentials for sites and for `proxy`: `user:password@host:port`. */
  readonly auth?: readonly string[];
  /** What to do with requests for this machine. Default `deny`. */
  readonly proxyLocalhost?: "allow" | "deny" | "direct";
  /** Whether link-local addresses and those of cloud metadata services may be reached. */
  readonly allowPrivateMetadata?: boolean;
  /** Changes of the header of requests, such as `X-Test: 1` and `-Cookie`. */
  readonly header?: readonly string[];
  /** The same for responses. */
  readonly responseHeader?: readonly string[];
  /** The same for CONNECT requests to upstream proxies. */
  readonly connectHeader?: readonly string[];
  /** Hours in which requests may start. */
  readonly allowTimeFrame?: readonly string[];
  /** Bytes per second from all sites. Default without limit. */
  readonly readLimit?: Size;
  /** Bytes per second to all sites. Default without limit. */
  readonly writeLimit?: Size;
}

/** How names become addresses. */
export interface NameOptions {
  /** DNS servers in place of the system's: `ip` or `ip:port`. */
  readonly dnsServer?: readonly string[];
  /** Rotates through the DNS servers. */
  readonly dnsRoundRobin?: boolean;
  /** How long all DNS servers together may take. Default 5 s. */
  readonly dnsTimeout?: Duration;
  /** Fixed addresses: `shop.test=10.0.0.1,10.0.0.2` or `*.local.test=127.0.0.1`. */
  readonly hostOverride?: readonly string[];
  /** Path of a hosts file, which comes before the system's. */
  readonly hostsFile?: string;
}

/** Certificates to trust, and the limits of connections to sites. */
export interface SiteOptions {
  /** CA certificates in PEM that are trusted besides the system's, for the server and for sites. */
  readonly caCerts?: readonly string[];
  /** Fingerprints of the server's certificate, its key or its authority: `sha256:…`. Exactly these are trusted for the server. */
  readonly serverFingerprint?: readonly string[];
  /** Paths of such certificates. A changed file is read again. */
  readonly cacertFile?: readonly string[];
  /** Attempts to connect to a site. Default 3. */
  readonly httpDialAttempts?: number;
  /** Pause between them. Default 1 s. */
  readonly httpDialBackoff?: Duration;
  /** How long all of them together may take. Default 25 s. */
  readonly httpDialTimeout?: Duration;
  /** How long an unused connection to a site is kept. Default 90 s. */
  readonly httpIdleConnTimeout?: Duration;
  /** Largest header of a response. Default 256 KiB. */
  readonly httpMaxHeaderSize?: Size;
  /** Most fields of a response. Default 4,096. */
  readonly httpMaxHeaderFields?: number;
  /** How long to wait for a response; 0 (default) is for ever. */
  readonly httpResponseHeaderTimeout?: Duration;
  /** How long a TLS handshake with a site may take. Default 10 s. */
  readonly httpTlsHandshakeTimeout?: Duration;
}

/** What people and monitoring see of the tunnel. */
export interface StatusOptions {
  /** Where the status API listens. Default: nowhere. */
  readonly apiAddress?: ListenAddress;
  /** Path of a Unix socket where it listens. */
  readonly apiSocket?: string;
  /** `user:password` that the status API requires. */
  readonly apiBasicAuth?: string;
  /** How long its connections may be idle. Default 1 hour. */
  readonly apiIdleTimeout?: Duration;
  /** Records requests and shows them at `/inspector` of the status API. */
  readonly inspector?: boolean;
  /** How much content of each message it keeps. Default 64 KiB. */
  readonly inspectorBodies?: Size;
  /** How much it keeps in all. Default 64 MiB. */
  readonly inspectorMemory?: Size;
  /** A loopback address where the proxy can be used without the tunnel. */
  readonly debugAddress?: ListenAddress;
  /** HTTP messages to log: `[api|proxy|control:]mode`. */
  readonly logHttp?: readonly string[];
}

/**
 * Options of {@linkcode startTunnel}. They have the names and the values of the
 * options of `sallyport run`, in camel case: `--http-dial-timeout 30s` is
 * `httpDialTimeout: "30s"`, or 30,000. They are checked alike. Neither the
 * environment nor configuration files are read.
 */
export interface ProgramOptions
  extends
    RequiredOptions,
    SharingOptions,
    HostOptions,
    UpstreamOptions,
    NameOptions,
    SiteOptions,
    StatusOptions {
  /**
   * Plugins, in order. An object runs in this program, with its permissions. A
   * file runs in a sandbox, unless `allow` is `trusted`; the sandbox needs
   * `"unstable": ["worker-options"]` in the `deno.json` of the program.
   */
  readonly plugins?: readonly AnyPlugin[];
  /** How long one call of a hook may take. Default 5 s. A plugin may have another `timeout`. */
  readonly pluginTimeout?: Duration;
  /** Ends the start; a tunnel that runs is stopped with `stop()`. */
  readonly signal?: AbortSignal;
}
