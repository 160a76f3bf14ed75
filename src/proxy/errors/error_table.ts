/** Every failure that a proxy can report: its response and its label in metrics. */

/** How a failure is reported. */
export interface ErrorEntry {
  /** Status of the response (RFC 9110 §15). */
  readonly status: number;
  /** Value of the `reason` label. */
  readonly reason: string;
  /**
   * First line of the page: what is wrong, and what to do. `{}` stands for the
   * subject, `{why}` for what the error itself says.
   */
  readonly text: string;
}

/** A failure of an upstream proxy, which the reason names. */
const upstream = <R extends string>(reason: R, status = 502) => ({
  status,
  reason,
  text: 'Cannot reach "{}": {why}',
});

const ENTRIES = {
  nameNotFound: {
    status: 502,
    reason: "name_not_found",
    text:
      'Cannot find the host "{}": DNS on the client\'s machine has no such name',
  },
  nameServerFailed: {
    status: 502,
    reason: "dns_failed",
    text:
      'Cannot find the host "{}": no DNS server of the client\'s machine responded',
  },
  connectionRefused: {
    status: 502,
    reason: "net_dial",
    text: 'Cannot connect to "{}": nothing listens there',
  },
  unreachable: {
    status: 502,
    reason: "net_dial",
    text: 'Cannot connect to "{}": the client\'s network has no route to it',
  },
  connectTimeout: {
    status: 504,
    reason: "net_dial_timeout",
    text: 'Cannot connect to "{}": it did not respond in time',
  },
  certificate: {
    status: 502,
    reason: "tls_certificate",
    text: 'Cannot trust the certificate of "{}": {why}',
  },
  notTls: {
    status: 502,
    reason: "tls_record_header",
    text:
      'Cannot agree on TLS with "{}": that port does not speak TLS, perhaps plain HTTP',
  },
  tlsFailed: {
    status: 502,
    reason: "tls_alert",
    text: 'Cannot agree on TLS with "{}" ({why}): look into its log',
  },
  connectFailed: {
    status: 502,
    reason: "net_dial",
    text: 'Cannot connect to "{}": {why}',
  },
  localhostDenied: {
    status: 403,
    reason: "denied_localhost",
    text: 'Proxying is denied to host "{}": it is the client\'s own machine, ' +
      "start the client with --proxy-localhost allow to reach it",
  },
  addressDenied: {
    status: 403,
    reason: "denied_address",
    text:
      'Proxying is denied to host "{}": it is a link-local or cloud metadata address, ' +
      "start the client with --allow-private-metadata to reach it",
  },
  domainDenied: {
    status: 403,
    reason: "denied_domain",
    text:
      'Proxying is denied to host "{}": the tunnel denies it with --deny-domains',
  },
  directDenied: {
    status: 403,
    reason: "denied_direct",
    text:
      'Proxying is denied to host "{}": it bypasses the tunnel (--direct-domains, ' +
      "--tunnel-domains), and the server may not connect to it: its address is not public, or is one of " +
      "the server's own, or the port is not allowed (server options --direct and --direct-ports)",
  },
  outsideTimeFrame: {
    status: 451,
    reason: "denied_time",
    text:
      'Proxying is denied to host "{}" for administrative reasons: the time is outside ' +
      "--allow-time-frame",
  },
  viaLoop: {
    status: 400,
    reason: "loop",
    text:
      'Cannot send this request to "{}": it has already passed through this proxy, and would loop',
  },
  pluginRefused: {
    status: 403,
    reason: "denied_plugin",
    text: 'Proxying is denied to host "{}": a plugin refuses the connection',
  },
  pluginFailed: {
    status: 502,
    reason: "plugin",
    text: 'Cannot forward the request to "{}": a plugin of the client failed',
  },
  pluginNoRoom: {
    status: 503,
    reason: "plugin_no_room",
    text:
      'Cannot forward the request to "{}": plugins of the client keep too much content in memory',
  },
  pacFailed: {
    status: 502,
    reason: "pac",
    text:
      'Cannot choose a proxy to "{}": the script of --pac failed, test it with "sallyport pac eval"',
  },
  responseTimeout: {
    status: 504,
    reason: "response_timeout",
    text: 'Cannot get a response from "{}": it sent no header section in time',
  },
  originClosed: {
    status: 502,
    reason: "net_read",
    text: 'Cannot get a response from "{}": it closed the connection',
  },
  badResponse: {
    status: 502,
    reason: "bad_response",
    text: 'Cannot read the response of "{}", it is not valid HTTP: {why}',
  },
  responseTooLarge: {
    status: 502,
    reason: "bad_response",
    text:
      'Cannot read the response of "{}": {why}, raise --http-max-header-size or ' +
      "--http-max-header-fields of the client",
  },
  badRequest: {
    status: 400,
    reason: "bad_request",
    text: 'Cannot send this request to "{}", it is not valid HTTP: {why}',
  },
  badJob: {
    status: 400,
    reason: "bad_job",
    text:
      'Cannot read the job "{}" in the field X-Sallyport-Job: a name has 1 to 128 visible ' +
      "ASCII characters without spaces and colons",
  },
  misdirected: {
    status: 421,
    reason: "misdirected",
    text:
      'This connection is for another host than "{}", or is no longer intercepted: open a new one',
  },
  originForm: {
    status: 400,
    reason: "origin_form",
    text:
      'This port is a proxy, but received an origin-form request for "{}": set it as ' +
      "the browser's proxy (a port of the server gives the settings at /proxy.pac)",
  },
  upgradeDeclined: {
    status: 502,
    reason: "bad_response",
    text: 'Cannot change the protocol: "{}" declined the Upgrade',
  },
  credentialsMissing: {
    status: 407,
    reason: "proxy_authentication",
    text:
      'Proxy authentication required: use "<user>+<tunnel-name>" as user name and the access key, ' +
      "or the proxy password of the tunnel, as password",
  },
  credentialsWrong: {
    status: 407,
    reason: "proxy_authentication",
    text:
      'Proxy credentials of "{}" are wrong: use "<user>+<tunnel-name>" as user name and ' +
      "the access key, or the proxy password of the tunnel, as password",
  },
  throttled: {
    status: 429,
    reason: "proxy_authentication",
    text:
      'Too many failed logins of "{}": wait a minute, then use the right key',
  },
  loginsBusy: {
    status: 503,
    reason: "logins_busy",
    text:
      'The login of "{}" was not checked: too many logins are waiting, try again in a few seconds',
  },
  tooManyLogins: {
    status: 429,
    reason: "too_many_logins",
    text:
      "This HTTP/2 connection has too many different logins: open another one for further users and tunnels",
  },
  scopeDenied: {
    status: 403,
    reason: "denied_scope",
    text:
      'Proxying is denied to "{}": the scope of the access key does not allow it, ' +
      'use a key of scope "use" or "all"',
  },
  clientAddressDenied: {
    status: 403,
    reason: "denied_client",
    text:
      "Proxying is denied to {}: this port does not allow that address, add it to the server's " +
      "--proxy-port-allow, or use the proxy port with credentials",
  },
  noSuchTunnel: {
    status: 503,
    reason: "no_such_tunnel",
    text:
      'Tunnel "{}" is not running: start it with "sallyport run --tunnel-name {}"',
  },
  noSession: {
    status: 503,
    reason: "no_session",
    text:
      'The tunnel "{}" is starting or reconnecting: try again in a few seconds',
  },
  tunnelFull: {
    status: 503,
    reason: "tunnel_limit",
    text:
      'The tunnel "{}" has reached the limit of requests (--tunnel-max-exchanges, ' +
      "--tunnel-max-concurrent-streams): try again later",
  },
  sessionLost: {
    status: 502,
    reason: "session_lost",
    text:
      'The connection to the client of tunnel "{}" was lost before it responded',
  },
  requestTimeout: {
    status: 408,
    reason: "request_timeout",
    text:
      'Cannot send the request to "{}": the browser stopped sending its content, ' +
      "and the limit of the server (--request-body-timeout) has passed",
  },
  refusedByClient: {
    status: 502,
    reason: "refused_by_client",
    text: 'The client of tunnel "{}" refused the request',
  },
  upstreamName: upstream("upstream_dns"),
  upstreamDial: upstream("upstream_dial"),
  upstreamTimeout: upstream("upstream_timeout", 504),
  upstreamTls: upstream("upstream_tls"),
  upstreamProtocol: upstream("upstream_protocol"),
  upstreamCredentials: upstream("upstream_authentication"),
  aborted: {
    status: 500,
    reason: "request_ctx_canceled",
    text: 'The browser closed the connection before "{}" responded',
  },
  unexpected: {
    status: 500,
    reason: "unexpected_error",
    text: 'Cannot reach "{}": an unexpected error occurred',
  },
} as const satisfies Readonly<Record<string, ErrorEntry>>;

/** Why a request failed. */
export type ProxyErrorCode = keyof typeof ENTRIES;

/** The word for a failure in metrics, in `X-Sallyport-Error` and on pages. Several failures may share one. */
export type ErrorReason = (typeof ENTRIES)[ProxyErrorCode]["reason"];

/** The entry of every failure. */
export const ERROR_TABLE: Readonly<Record<ProxyErrorCode, ErrorEntry>> =
  ENTRIES;
