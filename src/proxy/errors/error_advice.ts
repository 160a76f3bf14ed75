/** What pages say about a failure besides its sentence: a title, the party at fault, and what to try. */
import type { ErrorReason } from "./error_table.ts";

/** The party that has to change something. */
export type FaultyParty =
  | "the site"
  | "DNS"
  | "the client's network"
  | "the upstream proxy"
  | "a plugin"
  | "a rule"
  | "the request"
  | "the credentials"
  | "the tunnel"
  | "the client"
  | "the server"
  | "the browser";

/** What helps who reads about a failure. */
export interface ErrorAdvice {
  /** A few words for a heading. */
  readonly title: string;
  /** The party at fault. */
  readonly fault: FaultyParty;
  /** Three things to try, the likeliest first: sentences without full stops. */
  readonly remedies: readonly [string, string, string];
}

function advice(
  reason: ErrorReason,
  fault: FaultyParty,
  title: string,
  ...remedies: ErrorAdvice["remedies"]
): readonly [string, ErrorAdvice] {
  return [reason, { title, fault, remedies }];
}

/** A test asks for all reasons. */
const ADVICE: ReadonlyMap<string, ErrorAdvice> = new Map([
  advice(
    "name_not_found",
    "DNS",
    "The host was not found",
    "Check the spelling of the host",
    "Look the name up on the client's machine, for example with nslookup",
    "Give the client the right DNS servers with --dns-server",
  ),
  advice(
    "dns_failed",
    "DNS",
    "No DNS server responds",
    "Check the network of the client's machine",
    "Check the DNS servers of --dns-server, if the client has any",
    "Raise --dns-timeout of the client",
  ),
  advice(
    "net_dial",
    "the site",
    "The site cannot be reached",
    "Check whether the site runs, and listens on this port",
    "Open the site on the client's machine, for example with curl",
    "Look for a firewall between the client and the site",
  ),
  advice(
    "net_dial_timeout",
    "the site",
    "The site does not accept the connection in time",
    "Check whether the site runs, and whether it is overloaded",
    "Look for a firewall that drops the connection silently",
    "Raise --http-dial-timeout of the client",
  ),
  advice(
    "tls_certificate",
    "the site",
    "The certificate of the site is not trusted",
    "Give the client the site's authority with --cacert-file",
    "Renew the site's certificate, or correct its names",
    "Accept it for this host only, with --insecure-domains of the client",
  ),
  advice(
    "tls_record_header",
    "the site",
    "This port of the site does not speak TLS",
    "Use http:// instead of https://",
    "Check the port",
    "Turn TLS on at the site",
  ),
  advice(
    "tls_alert",
    "the site",
    "The site refuses TLS",
    "Look into the log of the site",
    "Check whether the site supports TLS 1.2 or TLS 1.3",
    "Check whether the site requires a certificate of the browser",
  ),
  advice(
    "denied_localhost",
    "a rule",
    "The client's own machine is not allowed",
    "Start the client with --proxy-localhost allow",
    "Use a host name of the network instead of localhost",
    "Run the client on another machine than the site",
  ),
  advice(
    "denied_address",
    "a rule",
    "This address is not allowed",
    "Use another address of the site",
    "Start the client with --allow-private-metadata, if you mean it",
    "Check what the host name resolves to on the client's machine",
  ),
  advice(
    "denied_domain",
    "a rule",
    "A rule of the tunnel denies this host",
    "Check --deny-domains of the client",
    "Use another tunnel for this host",
    "Ask whoever runs the tunnel",
  ),
  advice(
    "denied_direct",
    "a rule",
    "The server may not connect to this host",
    "Remove the host from --direct-domains, so that the tunnel carries it",
    "Check --tunnel-domains of the client",
    "Ask the server's operator about --direct and --direct-ports",
  ),
  advice(
    "denied_time",
    "a rule",
    "The tunnel is closed at this time",
    "Try again inside the time frame",
    "Check --allow-time-frame of the client",
    "Check the clock and the time zone of the client's machine",
  ),
  advice(
    "loop",
    "the request",
    "The request goes in a circle",
    "Check whether the client uses the tunnel's own proxy as its --proxy",
    "Check the proxy settings of the client's machine",
    "Check where the site's own proxy sends its requests",
  ),
  advice(
    "denied_plugin",
    "a plugin",
    "A plugin refuses this connection",
    "Look into the client's log for the name of the plugin",
    "Check the options of that plugin",
    "Start the client without that plugin, and try again",
  ),
  advice(
    "plugin",
    "a plugin",
    "A plugin of the client failed",
    "Look into the client's log for the plugin's file and line",
    "Try the plugin alone, with sallyport plugin test",
    "Let requests pass without it: give it on-failure skip",
  ),
  advice(
    "plugin_no_room",
    "a plugin",
    "Plugins keep too much content",
    "Send fewer large requests at the same time",
    "Let plugins read less content",
    "Start the client without the plugin that reads most",
  ),
  advice(
    "pac",
    "the upstream proxy",
    "The PAC script failed",
    "Test it on the client's machine with sallyport pac eval",
    "Correct the script of --pac",
    "Start the client with --proxy instead of --pac",
  ),
  advice(
    "response_timeout",
    "the site",
    "The site does not respond in time",
    "Look into the log of the site: the request has reached it",
    "Make the page faster, or its data smaller",
    "Raise --http-response-header-timeout of the client",
  ),
  advice(
    "net_read",
    "the site",
    "The site closed the connection",
    "Look into the log of the site: it may have crashed",
    "Check time limits of proxies and balancers in front of the site",
    "Send the request again",
  ),
  advice(
    "bad_response",
    "the site",
    "The response of the site cannot be read",
    "Look at the response on the client's machine with curl --verbose",
    "Correct the site: browsers may accept what HTTP forbids",
    "Raise the limits that the sentence above names, if it names any",
  ),
  advice(
    "bad_request",
    "the request",
    "The request is not valid HTTP",
    "Correct what the sentence above names",
    "Check the program that sent the request, and its version",
    "Look at the request in the client's log, with --log-http",
  ),
  advice(
    "bad_job",
    "the request",
    "The name of the job is not valid",
    "Correct the field X-Sallyport-Job",
    "Give the job in the user name of the proxy instead",
    "Send the request without a job",
  ),
  advice(
    "misdirected",
    "the browser",
    "The connection belongs to another host",
    "Reload the page",
    "Close the browser, and open it again",
    "Check whether the rules of the tunnel have changed",
  ),
  advice(
    "origin_form",
    "the browser",
    "This port is a proxy",
    "Set the port as the browser's proxy",
    "Give the browser the settings at /proxy.pac of this port",
    "Check the port in the address",
  ),
  advice(
    "proxy_authentication",
    "the credentials",
    "The proxy wants other credentials",
    "Use <user>+<tunnel name> as user name, and the access key as password",
    "Check whether the key has expired, on the page of your keys",
    "Wait a minute after several wrong passwords",
  ),
  advice(
    "logins_busy",
    "the server",
    "Too many logins are waiting",
    "Try again in a few seconds",
    "Let the browsers keep their connections",
    "Check whether programs with wrong keys keep trying",
  ),
  advice(
    "too_many_logins",
    "the browser",
    "One connection has too many logins",
    "Open another connection for further users and tunnels",
    "Use one user name for each browser",
    "Use HTTP/1.1 between browser and proxy",
  ),
  advice(
    "denied_scope",
    "the credentials",
    "This key may not use the proxy",
    "Use an access key of scope use or all",
    "Make such a key on the page of your keys",
    "Use the tunnel's proxy password",
  ),
  advice(
    "denied_client",
    "a rule",
    "This address may not use the port",
    "Use the server's proxy port, with credentials",
    "Ask the server's operator to add the address to --proxy-port-allow",
    "Run the browser on a machine that is allowed",
  ),
  advice(
    "no_such_tunnel",
    "the tunnel",
    "The tunnel is not running",
    "Start it with sallyport run --tunnel-name and this name",
    "Check the tunnel name in the proxy's user name",
    "Ask its owner to share it, if it belongs to someone else",
  ),
  advice(
    "no_session",
    "the tunnel",
    "The tunnel's client is away",
    "Try again in a few seconds: the client reconnects by itself",
    "Check whether the client runs, and its log",
    "Check the network between the client and the server",
  ),
  advice(
    "tunnel_limit",
    "the tunnel",
    "The tunnel carries as much as it may",
    "Try again later, or run fewer tests at the same time",
    "Start another client of the same name as a pool",
    "Raise --tunnel-max-exchanges of the server",
  ),
  advice(
    "session_lost",
    "the tunnel",
    "The connection to the client was lost",
    "Send the request again",
    "Check whether the client runs, and its log",
    "Check the network between the client and the server",
  ),
  advice(
    "request_timeout",
    "the browser",
    "The browser stopped sending",
    "Send the request again",
    "Check the network between the browser and the server",
    "Raise --request-body-timeout of the server",
  ),
  advice(
    "refused_by_client",
    "the client",
    "The client refused the request",
    "Look into the client's log",
    "Update the client to the version of the server",
    "Send the request again",
  ),
  advice(
    "upstream_dns",
    "the upstream proxy",
    "The upstream proxy was not found",
    "Check the host in --proxy of the client",
    "Look the name up on the client's machine",
    "Start the client without --proxy, if the site is reachable without it",
  ),
  advice(
    "upstream_dial",
    "the upstream proxy",
    "The upstream proxy cannot be reached",
    "Check whether the proxy runs",
    "Check host and port in --proxy of the client",
    "Look into the log of the proxy: it may refuse the site",
  ),
  advice(
    "upstream_timeout",
    "the upstream proxy",
    "The upstream proxy does not respond in time",
    "Check whether the proxy runs, and whether it reaches the site",
    "Check --proxy of the client",
    "Raise --http-dial-timeout of the client",
  ),
  advice(
    "upstream_tls",
    "the upstream proxy",
    "TLS with the upstream proxy failed",
    "Check http:// and https:// in --proxy of the client",
    "Give the client the proxy's authority with --cacert-file",
    "Look into the log of the proxy",
  ),
  advice(
    "upstream_protocol",
    "the upstream proxy",
    "The upstream proxy responds oddly",
    "Check protocol and port in --proxy of the client",
    "Look into the log of the proxy",
    "Check whether the proxy allows CONNECT to this port",
  ),
  advice(
    "upstream_authentication",
    "the upstream proxy",
    "The upstream proxy wants a login",
    "Give user name and password in --proxy of the client",
    "Check whether they have expired",
    "Check the ways of login that the proxy offers",
  ),
  advice(
    "request_ctx_canceled",
    "the browser",
    "The browser closed the connection",
    "Check the time limits of the test",
    "Look for a slow site in the list of requests",
    "Send the request again",
  ),
  advice(
    "unexpected_error",
    "the client",
    "Something unexpected happened",
    "Look into the log of the program that reports it",
    "Send the request again",
    "Report it, with the line of the log",
  ),
]);

/** The advice for a failure with this reason; `undefined` for an unknown one. */
export function adviceFor(reason: string): ErrorAdvice | undefined {
  return ADVICE.get(reason);
}
