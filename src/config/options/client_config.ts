// Every option of `sallyport run`.
//
// A new option is a field here or in one of the other files. The flag, variable,
// file key, help, completion, the shown configuration and the type of the value
// follow from it.
import { defaultConnections } from "../default_connections.ts";
import { type ConfigOf, fieldsIn } from "../field.ts";
import { pingInterval } from "./ping_interval.ts";
import { dnsServer, hostOverrides } from "../values/dns_values.ts";
import {
  choice,
  duration,
  fingerprint,
  httpsOrigin,
  many,
  onOff,
  pair,
  text,
  textLike,
  wholeNumber,
} from "../values/values.ts";
import { ACCESS_FIELDS } from "./access_config.ts";
import { API_FIELDS } from "./api_config.ts";
import { HEADER_FIELDS } from "./header_config.ts";
import { HTTP_CLIENT_FIELDS } from "./http_client_config.ts";
import { INSPECTOR_FIELDS } from "./inspector_config.ts";
import { HTTP_LOG_FIELDS, LOG_FIELDS } from "./log_config.ts";
import { PLUGIN_FIELDS } from "./plugin_config.ts";
import { PROXY_FIELDS } from "./proxy_config.ts";
import { TLS_FIELDS } from "./tls_config.ts";
import { TRAFFIC_FIELDS } from "./traffic_config.ts";

const required = fieldsIn("Required");
const option = fieldsIn("Options");
const capacity = fieldsIn("Tunnel capacity");
const dns = fieldsIn("DNS");

/** The name is part of the proxy's user name, `user+tunnel`, in Basic credentials. */
const TUNNEL_NAME = /^[!-9;-~]{1,255}$/;
const TUNNEL_NAME_FORM = "1 to 255 visible ASCII characters without a colon";
/** Names and keys never have the spaces that a file or a copied line leaves around them. */
const UNSPACED = /^\S(?:.*\S)?$/;

/** The options of `sallyport run`, in the order of the help. */
export const CLIENT_FIELDS = {
  server: required(httpsOrigin(), {
    alias: "rest-url",
    placeholder: "https://host:port",
    summary: "The Sallyport server",
    help: "Address of the Sallyport server.",
  }),
  username: required(textLike(UNSPACED, "a name without spaces around it"), {
    short: "u",
    placeholder: "name",
    summary: "User who owns the tunnel",
    help: "Name of the user who owns the tunnel.",
  }),
  accessKey: required(textLike(UNSPACED, "a key without spaces around it"), {
    short: "k",
    placeholder: "key",
    secret: "all",
    summary: "Access key of the user; prefer the environment",
    help: "Access key of the user. Prefer SALLYPORT_ACCESS_KEY: other users " +
      "of this machine can see command lines.",
  }),
  tunnelName: required(textLike(TUNNEL_NAME, TUNNEL_NAME_FORM), {
    short: "i",
    placeholder: "name",
    summary: "Name of the tunnel, or of the pool it joins",
    help: "Name of the tunnel, or of the pool it joins. Tests select the " +
      "tunnel by this name.",
  }),
  configFile: option(text().optional(), {
    short: "c",
    placeholder: "path",
    inFile: false,
    summary: "Configuration file: YAML, JSON or TOML",
    help: "Configuration file: YAML, JSON or TOML, by its extension. " +
      '"sallyport run config-file" prints a template.',
  }),
  region: option(text().optional(), {
    short: "r",
    placeholder: "name",
    summary: "Only logged; for scripts of Sauce Connect",
    help: "Accepted for scripts of Sauce Connect. It is logged and otherwise " +
      "ignored; use --server.",
  }),
  serverFingerprint: option(many(fingerprint()), {
    placeholder: "sha256:hex,...",
    defaultText: "authorities are asked",
    summary: "Fingerprints of the server's certificate",
    help: "SHA-256 of the server's certificate or of its public key, or of " +
      "an authority that it sends along. Exactly these are trusted for the " +
      "server, and no other authority. Give the old one and the new one " +
      'while it is replaced. See also "sallyport trust".',
  }),
  metadata: option(many(pair("=")), {
    short: "M",
    placeholder: "name=value,...",
    summary: "Notes to show with the tunnel",
    help: "Notes to show with the tunnel, on the page and in the REST API, " +
      "such as build=42,branch=main.",
  }),
  shared: option(choice("all").optional(), {
    short: "s",
    placeholder: "all",
    defaultText: "not shared",
    summary: "Share the tunnel with your organization",
    help: "Lets all users of your organization use the tunnel.",
  }),
  tunnelPool: option(onOff(), {
    short: "t",
    summary: "Join the pool of tunnels with this name",
    help: "Joins the other tunnels with this name as a pool. Without it the " +
      "new tunnel replaces them.",
  }),
  shutdownTimeout: option(duration().default(3 * 3_600_000), {
    placeholder: "duration",
    summary: "How long to wait for running jobs",
    help: "How long to wait for running jobs when the client is stopped.",
  }),
  ...TRAFFIC_FIELDS,
  tunnelConnections: capacity(
    wholeNumber({ min: 1, max: 64 }).default(defaultConnections),
    {
      placeholder: "count",
      defaultText: "4 per CPU core, at most 16",
      summary: "Connections to the server",
      help: "Connections to keep open to the server.",
    },
  ),
  tunnelMaxConcurrentStreams: capacity(
    wholeNumber({ min: 1, max: 10_000 }).default(256),
    {
      placeholder: "count",
      summary: "Concurrent requests per connection",
      help: "Requests that may run on one connection at the same time.",
    },
  ),
  tunnelTransport: capacity(
    choice("auto", "direct", "websocket").default("auto"),
    {
      placeholder: "mode",
      summary: "Transport: auto, direct or websocket",
      help:
        "How connections to the server pass the network: direct, or inside " +
        "WebSocket messages where a proxy or firewall passes nothing else. " +
        "auto tries direct first, and keeps to what works.",
    },
  ),
  tunnelPingInterval: capacity(pingInterval(), {
    placeholder: "duration",
    summary: "Time between checks of a connection",
    help: "Time between checks of each connection to the server. One that " +
      "does not reply for as long is given up, unless it is slow.",
  }),
  ...PROXY_FIELDS,
  ...HEADER_FIELDS,
  ...ACCESS_FIELDS,
  dnsServer: dns(many(dnsServer()), {
    short: "n",
    placeholder: "ip[:port],...",
    defaultText: "the system's resolver",
    summary: "DNS servers to use",
    help: "DNS servers to use in place of the system's. If one fails, the " +
      "following one is used; NXDOMAIN is final. The system's search domains " +
      "are not applied.",
  }),
  dnsRoundRobin: dns(onOff(), {
    summary: "Rotate through the DNS servers",
    help: "Rotates through the DNS servers. Without it every query starts " +
      "with the first one.",
  }),
  dnsTimeout: dns(
    duration().refine((ms) => ms > 0, "expected a duration above 0s")
      .default(5_000),
    {
      placeholder: "duration",
      summary: "How long resolving a name may take",
      help: "How long all DNS servers together may take to resolve a name. " +
        "Each has an equal share.",
    },
  ),
  hostOverride: dns(hostOverrides(), {
    placeholder: "name=ip,...",
    summary: "Fixed addresses of a name, or of *.name",
    help: "Fixed addresses of a name, or with *.name=ip of all names below " +
      "it: shop.test=10.0.0.1,10.0.0.2 or *.local.test=127.0.0.1. An exact " +
      "name takes precedence over wildcards, a longer wildcard over a shorter " +
      "one. Repeat the option for other names.",
  }),
  hostsFile: dns(text().optional(), {
    placeholder: "path",
    summary: "Hosts file, used before the system's",
    help: "Hosts file with an address and its names on each line. It takes " +
      "precedence over the system's hosts file and over DNS. It is read once " +
      "at startup.",
  }),
  ...PLUGIN_FIELDS,
  ...HTTP_CLIENT_FIELDS,
  ...TLS_FIELDS,
  ...API_FIELDS,
  ...INSPECTOR_FIELDS,
  ...LOG_FIELDS,
  ...HTTP_LOG_FIELDS,
};

/** The configuration of `sallyport run`. Durations are in milliseconds. */
export type ClientConfig = ConfigOf<typeof CLIENT_FIELDS>;
