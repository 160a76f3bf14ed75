/**
 * The wire between client and server.
 *
 * The client dials TCP and TLS, and says
 *
 * ```http
 * GET /tunnels/<tunnel id>/connect HTTP/1.1
 * Host: <tunnel host>
 * Authorization: Bearer <tunnel token>
 * Connection: Upgrade
 * Upgrade: sallyport
 * Sallyport-Version: 1
 * ```
 *
 * The server responds with `101 Switching Protocols`, or refuses with another status
 * and one line of text that says why. After the 101 the roles turn round: the
 * server sends the HTTP/2 preface (RFC 9113 §3.4) and every exchange is a
 * stream that the server opens on the connection the client dialled.
 *
 * | the browser's | is the stream |
 * |---|---|
 * | `CONNECT host:port` | `CONNECT`, only `:authority` (RFC 9113 §8.5) |
 * | WebSocket or other Upgrade | extended `CONNECT`, `:protocol` (RFC 8441) |
 * | any other request | an ordinary request with `:scheme` http or https |
 *
 * HTTP/2 has field names in lower case; sites that (wrongly) care get the
 * case back from the `sallyport-names` field, which lists the names as the
 * sender wrote them. An origin's 101 travels as 200 with `sallyport-upgraded`
 * naming the protocol: without that field a 200 is an ordinary response of an
 * origin that declined. `sallyport-user` and `sallyport-job` say who a request
 * belongs to. Both ends remove such fields from what browsers and origins send.
 *
 * Two nodes of one server speak the same on their link. There, `sallyport-tunnel`
 * says which tunnel a request is for.
 */

/**
 * The largest field section on this wire, in octets of HTTP/2. It has room for
 * the largest header section that either end may be told to accept, and for the
 * names in `sallyport-names`.
 */
export const MAX_FIELD_SECTION: number = 1280 * 1024;

/** CONTINUATION frames that such a section may take, uncompressed. */
export const MAX_CONTINUATIONS = 24;

/** Version of this page; both ends must speak the same. */
export const PROTOCOL_VERSION = "1";

/** The Upgrade token (RFC 9110 §7.8). */
export const UPGRADE_TOKEN = "sallyport";

/** Fields of this wire begin so; no browser and no origin can send one through it. */
export const OWN_PREFIX = "sallyport-";

/** Carries `PROTOCOL_VERSION`. */
export const VERSION_FIELD = "sallyport-version";

/** Lists the names of the fields that follow the pseudo-header fields, as the sender wrote them. */
export const NAMES_FIELD = "sallyport-names";

/** The user whose credentials came with a request. */
export const USER_FIELD = "sallyport-user";

/** The test job that a request belongs to. */
export const JOB_FIELD = "sallyport-job";

/** Between two nodes of a server: the tunnel that a request is for. Clients ignore it. */
export const TUNNEL_FIELD = "sallyport-tunnel";

/** On a 200 to an extended CONNECT: the protocol the origin switched to. */
export const UPGRADED_FIELD = "sallyport-upgraded";

/**
 * The host of probes, for which the client itself responds: the
 * reserved top-level domain (RFC 2606 §2) has no owner.
 */
export const PROBE_HOST = "probe.sallyport.invalid";

/** Request target of the Upgrade request of one tunnel. */
export function connectPath(tunnelId: string): string {
  return `/tunnels/${tunnelId}/connect`;
}

/** The tunnel id in a request target, or `undefined` when it is another kind of target. */
export function tunnelIdOf(path: string): string | undefined {
  return /^\/tunnels\/([0-9a-f]{32})\/connect$/.exec(path)?.[1];
}
