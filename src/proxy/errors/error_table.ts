/**
 * Every failure that a proxy can report, once: what the browser is told, and
 * the word that the metric counts it under.
 */

/** What a proxy can fail with. */
export type ProxyErrorCode =
  | "nameNotFound"
  | "nameServerFailed"
  | "connectionRefused"
  | "unreachable"
  | "connectTimeout"
  | "certificate"
  | "notTls"
  | "tlsFailed"
  | "connectFailed"
  | "localhostDenied"
  | "addressDenied"
  | "domainDenied"
  | "directDenied"
  | "outsideTimeFrame"
  | "viaLoop"
  | "pluginRefused"
  | "pluginFailed"
  | "pacFailed"
  | "responseTimeout"
  | "originClosed"
  | "badResponse"
  | "badRequest"
  | "badJob"
  | "misdirected"
  | "originForm"
  | "upgradeDeclined"
  | "credentialsMissing"
  | "credentialsWrong"
  | "throttled"
  | "loginsBusy"
  | "scopeDenied"
  | "askerDenied"
  | "noSuchTunnel"
  | "noSession"
  | "tunnelFull"
  | "sessionLost"
  | "refusedByClient"
  | "upstreamCredentials"
  | "aborted"
  | "unexpected";

/** What becomes of a failure. */
export interface Outcome {
  /** What the browser gets (RFC 9110 §15). */
  readonly status: number;
  /** Value of the `reason` label. */
  readonly reason: string;
  /** The first line of the page, `{}` for the subject: what is wrong, and what to do. */
  readonly text: string;
}

/** Every failure. */
export const OUTCOMES: Readonly<Record<ProxyErrorCode, Outcome>> = {
  nameNotFound: {
    status: 502,
    reason: "name_not_found",
    text:
      'Cannot find the host "{}": its name has no address where the client runs',
  },
  nameServerFailed: {
    status: 502,
    reason: "dns_failed",
    text:
      'Cannot find the host "{}": no DNS server of the client gave an answer',
  },
  connectionRefused: {
    status: 502,
    reason: "net_dial",
    text: 'Cannot connect to "{}": nothing listens there',
  },
  unreachable: {
    status: 502,
    reason: "net_dial",
    text: 'Cannot connect to "{}": no way there from the network of the client',
  },
  connectTimeout: {
    status: 504,
    reason: "net_dial_timeout",
    text: 'Cannot connect to "{}": no answer in time',
  },
  certificate: {
    status: 502,
    reason: "tls_certificate",
    text:
      'Cannot trust the certificate of "{}": give the client its authority with --cacert-file, ' +
      "or name the host with --insecure-domains to trust whoever answers",
  },
  notTls: {
    status: 502,
    reason: "tls_record_header",
    text:
      'Cannot agree on TLS with "{}": it speaks no TLS at this port, perhaps plain HTTP',
  },
  tlsFailed: {
    status: 502,
    reason: "tls_alert",
    text: 'Cannot agree on TLS with "{}"',
  },
  connectFailed: {
    status: 502,
    reason: "net_dial",
    text: 'Cannot connect to "{}"',
  },
  localhostDenied: {
    status: 403,
    reason: "denied_localhost",
    text:
      'Proxying is denied to host "{}": it is the machine of the client itself, ' +
      "start the client with --proxy-localhost allow to reach it",
  },
  addressDenied: {
    status: 403,
    reason: "denied_address",
    text:
      'Proxying is denied to host "{}": link-local and cloud metadata addresses are off limits, ' +
      "unless the client is started with --allow-private-metadata",
  },
  domainDenied: {
    status: 403,
    reason: "denied_domain",
    text:
      'Proxying is denied to host "{}": the rules of the tunnel deny it (--deny-domains)',
  },
  directDenied: {
    status: 403,
    reason: "denied_direct",
    text:
      'Proxying is denied to host "{}": the rules of the tunnel lead past it (--direct-domains, ' +
      "--tunnel-domains), and the server does not reach it itself: it has no public address that " +
      "is not the server's, or the port is not allowed (its option --direct, and --direct-ports)",
  },
  outsideTimeFrame: {
    status: 451,
    reason: "denied_time",
    text:
      'Proxying is denied to host "{}" for administrative reasons: it is outside ' +
      "the hours of --allow-time-frame",
  },
  viaLoop: {
    status: 400,
    reason: "loop",
    text:
      'Cannot send this request to "{}": it has passed this proxy already and goes round in circles',
  },
  pluginRefused: {
    status: 403,
    reason: "denied_plugin",
    text: 'Proxying is denied to host "{}": a plugin refuses the connection',
  },
  pluginFailed: {
    status: 502,
    reason: "plugin",
    text: 'Cannot carry out the request to "{}": a plugin of the client failed',
  },
  pacFailed: {
    status: 502,
    reason: "pac",
    text:
      'Cannot choose a proxy to "{}": the script of --pac failed, try it with "sallyport pac eval"',
  },
  responseTimeout: {
    status: 504,
    reason: "response_timeout",
    text: 'Cannot get an answer from "{}": it sent no response header in time',
  },
  originClosed: {
    status: 502,
    reason: "net_read",
    text: 'Cannot get an answer from "{}": it closed the connection',
  },
  badResponse: {
    status: 502,
    reason: "bad_response",
    text: 'Cannot understand the answer of "{}": it is not valid HTTP',
  },
  badRequest: {
    status: 400,
    reason: "bad_request",
    text: 'Cannot send this request to "{}": it is not valid HTTP',
  },
  badJob: {
    status: 400,
    reason: "bad_job",
    text:
      'Cannot read the job "{}" in the field X-Sallyport-Job: a name has 1 to 128 visible ' +
      "ASCII characters, no blank and no colon",
  },
  misdirected: {
    status: 421,
    reason: "misdirected",
    text:
      'This connection is for another host than "{}", or is not opened any more: use a new one',
  },
  originForm: {
    status: 400,
    reason: "origin_form",
    text:
      'This port is a proxy, and "{}" was asked for as if it were the site: set it as ' +
      "proxy (a port of the server tells browsers how, at /proxy.pac)",
  },
  upgradeDeclined: {
    status: 502,
    reason: "bad_response",
    text: 'Cannot change the protocol: "{}" answered as if nobody had asked',
  },
  credentialsMissing: {
    status: 407,
    reason: "proxy_authentication",
    text:
      'Proxy credentials are needed: use "<user>+<tunnel-name>" as user name and the access key, ' +
      "or the proxy password of the tunnel, as password",
  },
  credentialsWrong: {
    status: 407,
    reason: "proxy_authentication",
    text:
      'Proxy credentials of "{}" are not right: use "<user>+<tunnel-name>" as user name and ' +
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
      'The login of "{}" was not checked: too many others wait, try again in a few seconds',
  },
  scopeDenied: {
    status: 403,
    reason: "denied_scope",
    text:
      'Proxying is denied to "{}": the scope of the access key does not allow it, ' +
      'use a key of scope "use" or "all"',
  },
  askerDenied: {
    status: 403,
    reason: "denied_asker",
    text:
      "Proxying is denied to {}: this port is not for that address, have the server's " +
      "--proxy-port-allow name it, or use the proxy port that takes credentials",
  },
  noSuchTunnel: {
    status: 503,
    reason: "no_such_tunnel",
    text:
      'There is no running tunnel "{}": start one with "sallyport run --tunnel-name {}"',
  },
  noSession: {
    status: 503,
    reason: "no_session",
    text:
      'The tunnel "{}" has no connection to its client now: it is starting or reconnecting, ' +
      "try again in a few seconds",
  },
  tunnelFull: {
    status: 503,
    reason: "tunnel_limit",
    text:
      'The tunnel "{}" has as many requests under way as this server allows ' +
      "(its option --tunnel-max-exchanges): try again when some have ended",
  },
  sessionLost: {
    status: 502,
    reason: "session_lost",
    text:
      'The connection to the client of tunnel "{}" was lost before it answered',
  },
  refusedByClient: {
    status: 502,
    reason: "refused_by_client",
    text: 'The client of tunnel "{}" did not take the request',
  },
  upstreamCredentials: {
    status: 502,
    reason: "upstream_authentication",
    text:
      'Cannot reach "{}": the upstream proxy does not take the credentials of the client, ' +
      "give others in --proxy or with --auth",
  },
  aborted: {
    status: 500,
    reason: "request_ctx_canceled",
    text: 'Nobody waits for the answer of "{}" any more',
  },
  unexpected: {
    status: 500,
    reason: "unexpected_error",
    text: 'Cannot reach "{}": an unexpected error occurred',
  },
};
