/**
 * Every option of `sallyport run`.
 *
 * A new option is a line in `ClientConfig` and a field in `CLIENT_FIELDS`;
 * flag, variable, file key, help and the shown configuration follow from them.
 * The compiler compares the two.
 *
 * @module
 */
import type { Address } from "../../net/address/address.ts";
import type { HostOverride } from "../../net/names/host_overrides.ts";
import { ACCESS_FIELDS, type AccessConfig } from "./access_config.ts";
import { API_FIELDS, type ApiConfig } from "./api_config.ts";
import { defaultConnections } from "./default_connections.ts";
import { dnsServer, hostOverrides } from "../values/dns_values.ts";
import { field, type Fields } from "../field.ts";
import { HEADER_FIELDS, type HeaderConfig } from "./header_config.ts";
import { HTTP_LOG_FIELDS, type HttpLogConfig } from "./http_log_config.ts";
import { INSPECTOR_FIELDS, type InspectorConfig } from "./inspector_config.ts";
import { LOG_FIELDS, type LogConfig } from "./log_config.ts";
import { PLUGIN_FIELDS, type PluginConfig } from "./plugin_config.ts";
import { PROXY_FIELDS, type ProxyConfig } from "./proxy_config.ts";
import { RATE_FIELDS, type RateConfig } from "./rate_config.ts";
import { TLS_FIELDS, type TlsConfig } from "./tls_config.ts";
import { TRAFFIC_FIELDS, type TrafficConfig } from "./traffic_config.ts";
import {
  choice,
  duration,
  httpsOrigin,
  many,
  onOff,
  type Pair,
  pair,
  text,
  textLike,
  wholeNumber,
} from "../values/values.ts";

/** What `sallyport run` is told. Durations are in milliseconds. */
export interface ClientConfig
  extends
    AccessConfig,
    ApiConfig,
    HeaderConfig,
    HttpLogConfig,
    InspectorConfig,
    LogConfig,
    PluginConfig,
    ProxyConfig,
    RateConfig,
    TlsConfig,
    TrafficConfig {
  readonly server: string;
  readonly username: string;
  readonly accessKey: string;
  readonly tunnelName: string;
  readonly configFile: string | undefined;
  readonly region: string | undefined;
  readonly metadata: readonly Pair[];
  readonly shared: "all" | undefined;
  readonly tunnelPool: boolean;
  readonly shutdownTimeout: number;
  readonly tunnelConnections: number;
  readonly tunnelMaxConcurrentStreams: number;
  readonly dnsServer: readonly Address[];
  readonly dnsRoundRobin: boolean;
  readonly dnsTimeout: number;
  readonly hostOverride: readonly HostOverride[];
  /** A path; `readHosts()` reads it. */
  readonly hostsFile: string | undefined;
  /** Paths, `file:` URLs or `data:base64,…`; `readPem()` reads them. */
  readonly cacertFile: readonly string[];
  readonly httpDialAttempts: number;
  readonly httpDialBackoff: number;
  readonly httpDialTimeout: number;
  readonly httpIdleConnTimeout: number;
  readonly httpResponseHeaderTimeout: number;
  readonly httpTlsHandshakeTimeout: number;
}

/** The name is part of the proxy's user name, `user+tunnel`, in Basic credentials. */
const TUNNEL_NAME = /^[!-9;-~]{1,255}$/;
const TUNNEL_NAME_WORDS = "1 to 255 visible ASCII characters without a colon";
/** What a file or a copied line leaves around a word is in no name and no key. */
const UNSPACED = /^\S(?:.*\S)?$/;

/** Declares the options of `ClientConfig`, in the order of the help. */
export const CLIENT_FIELDS: Fields<ClientConfig> = {
  server: field(httpsOrigin(), {
    section: "Required",
    alias: "rest-url",
    placeholder: "https://host:port",
    help: "The server that gives out tunnels.",
  }),
  username: field(textLike(UNSPACED, "a name without spaces around it"), {
    section: "Required",
    short: "u",
    placeholder: "name",
    help: "Name of the user the tunnel belongs to.",
  }),
  accessKey: field(textLike(UNSPACED, "a key without spaces around it"), {
    section: "Required",
    short: "k",
    placeholder: "key",
    secret: "all",
    help: "Access key of the user. Prefer the environment: other users of " +
      "this machine can see command lines.",
  }),
  tunnelName: field(textLike(TUNNEL_NAME, TUNNEL_NAME_WORDS), {
    section: "Required",
    short: "i",
    placeholder: "name",
    help: "Name of the tunnel, or of the pool it joins. Tests choose the " +
      "tunnel by it.",
  }),
  configFile: field(text().optional(), {
    section: "Options",
    short: "c",
    placeholder: "path",
    inFile: false,
    help: "File with options: YAML, JSON or TOML, told apart by the " +
      'extension. "sallyport run config-file" prints one.',
  }),
  region: field(text().optional(), {
    section: "Options",
    short: "r",
    placeholder: "name",
    help: "A name for where the server stands. It is logged and chooses " +
      "nothing: --server does. Programs that start Sauce Connect pass it.",
  }),
  metadata: field(many(pair("=")), {
    section: "Options",
    short: "M",
    placeholder: "name=value,...",
    help: "Notes that are shown with the tunnel.",
  }),
  shared: field(choice("all").optional(), {
    section: "Options",
    short: "s",
    placeholder: "all",
    defaultText: "not shared",
    help: "Lets all users of your organization use the tunnel.",
  }),
  tunnelPool: field(onOff(), {
    section: "Options",
    short: "t",
    help: "Joins the other tunnels of this name as a pool. Without it the " +
      "new tunnel replaces them.",
  }),
  shutdownTimeout: field(duration().default(3 * 3_600_000), {
    section: "Options",
    placeholder: "duration",
    help: "How long to wait for running jobs when the client is stopped.",
  }),
  ...TRAFFIC_FIELDS,
  tunnelConnections: field(
    wholeNumber({ min: 1, max: 64 }).default(defaultConnections),
    {
      section: "Tunnel capacity",
      placeholder: "count",
      defaultText: "4 for each CPU core, at most 16",
      help: "Connections to keep open to the server.",
    },
  ),
  tunnelMaxConcurrentStreams: field(
    wholeNumber({ min: 1, max: 10_000 }).default(256),
    {
      section: "Tunnel capacity",
      placeholder: "count",
      help: "Requests that may run on one connection at the same time.",
    },
  ),
  ...PROXY_FIELDS,
  ...HEADER_FIELDS,
  ...ACCESS_FIELDS,
  dnsServer: field(many(dnsServer()), {
    section: "DNS",
    short: "n",
    placeholder: "ip[:port],...",
    defaultText: "as the system finds names",
    help: "DNS servers to ask in place of the system's. The next one is " +
      "asked when one fails; that there is no such name is an answer. Names " +
      "are asked for as they are, without the system's search domains.",
  }),
  dnsRoundRobin: field(onOff(), {
    section: "DNS",
    help: "Lets the DNS servers take turns. Without it the first one is " +
      "asked first.",
  }),
  dnsTimeout: field(
    duration().refine((ms) => ms > 0, "expected a duration above 0s")
      .default(5_000),
    {
      section: "DNS",
      placeholder: "duration",
      help: "How long all DNS servers together may take for one name; each " +
        "has an equal share.",
    },
  ),
  hostOverride: field(hostOverrides(), {
    section: "DNS",
    placeholder: "name=ip,...",
    help: "Addresses of a name, or with *.name=ip of all names below it: " +
      "shop.test=10.0.0.1,10.0.0.2 or *.local.test=127.0.0.1. The name " +
      "itself wins over wildcards, a longer wildcard over a shorter one. " +
      "Repeat it for other names.",
  }),
  hostsFile: field(text().optional(), {
    section: "DNS",
    placeholder: "path",
    help: "File with an address and its names on each line, like the " +
      "system's hosts file, which comes after it and before DNS. It is read " +
      "at the start.",
  }),
  ...PLUGIN_FIELDS,
  cacertFile: field(many(text()), {
    section: "HTTP client",
    placeholder: "path or base64",
    help: "Certificates to trust besides those of the system, in PEM: paths, " +
      "or data:base64,... Use it for a server with a CA of its own.",
  }),
  httpDialAttempts: field(wholeNumber({ min: 1, max: 100 }).default(3), {
    section: "HTTP client",
    placeholder: "count",
    help: "How often to try to connect to a site.",
  }),
  httpDialBackoff: field(duration().default(1000), {
    section: "HTTP client",
    placeholder: "duration",
    help: "Pause between these attempts.",
  }),
  httpDialTimeout: field(duration().default(25_000), {
    section: "HTTP client",
    placeholder: "duration",
    help: "How long one attempt may take.",
  }),
  httpIdleConnTimeout: field(duration().default(90_000), {
    section: "HTTP client",
    placeholder: "duration",
    help: "How long to keep an unused connection to a site.",
  }),
  httpResponseHeaderTimeout: field(duration().default(0), {
    section: "HTTP client",
    placeholder: "duration",
    help: "How long to wait for the head of a response; 0s waits forever.",
  }),
  httpTlsHandshakeTimeout: field(duration().default(10_000), {
    section: "HTTP client",
    placeholder: "duration",
    help: "How long a TLS handshake may take.",
  }),
  ...RATE_FIELDS,
  ...TLS_FIELDS,
  ...API_FIELDS,
  ...INSPECTOR_FIELDS,
  ...LOG_FIELDS,
  ...HTTP_LOG_FIELDS,
};
