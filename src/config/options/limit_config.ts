// The server's limits: what it accepts in all, from each user, address and tunnel.
import { fieldsIn } from "../field.ts";
import { REQUEST_LIMITS } from "../../http1/parse/header_limits.ts";
import { HEADER_COUNTS, HEADER_SIZES } from "../values/header_sizes.ts";
import { duration, size, sizeWithin, wholeNumber } from "../values/values.ts";
import { pingInterval } from "./ping_interval.ts";

const field = fieldsIn("Limits");

/** No system has files for more connections. */
const MAX_CONNECTIONS = 1_000_000;
/** With fewer connections, a client and its browsers cannot connect. */
const MIN_CONNECTIONS = 16;
/** No server can hold the state of more requests. */
const MAX_EXCHANGES = 1_000_000;
/** Nobody reads further, and each tunnel takes up to 1 KB for a request. */
const MAX_REQUESTS = 1000;
/** No server can answer more requests per second. */
const MAX_REQUEST_RATE = 1_000_000;
/** More guesses per minute would make the limit useless. */
const MAX_LOGIN_FAILURES = 1000;

/** What the server accepts, and for how long. */
export const LIMIT_FIELDS = {
  tunnelMaxExchanges: field(
    wholeNumber({ min: 1, max: MAX_EXCHANGES }).default(4096),
    {
      placeholder: "count",
      summary: "Concurrent requests of one tunnel",
      help: "Requests and connections that one tunnel may have open at the " +
        "same time, over all its sessions. More receive 503.",
    },
  ),
  maxHeaderSize: field(
    sizeWithin(HEADER_SIZES).default(REQUEST_LIMITS.maxHeaderBytes),
    {
      placeholder: "bytes",
      summary: "Largest header section of a request",
      help: "Largest header section of a browser's request, with its request " +
        "line, which may take half of it. Larger ones receive 431 or 414.",
    },
  ),
  maxHeaderFields: field(
    wholeNumber(HEADER_COUNTS).default(REQUEST_LIMITS.maxFields),
    {
      placeholder: "count",
      summary: "Most fields of a request",
      help: "Most fields in the header section of a browser's request. More " +
        "receive 431.",
    },
  ),
  tunnelRateLimit: field(size().default(0), {
    placeholder: "bytes",
    summary: "Bytes/s of one tunnel; 0 is unlimited",
    help: "Bytes of content per second that one tunnel may carry in each " +
      "direction, such as 1Mi. 0 means no limit.",
  }),
  tunnelRequests: field(
    wholeNumber({ min: 0, max: MAX_REQUESTS }).default(100),
    {
      placeholder: "count",
      summary: "Requests on a tunnel's page; 0 keeps none",
      help: "How many of its latest requests the page of a tunnel shows: " +
        "method, host, path without query, status, times, sizes and job. They " +
        "are kept in memory only. With 0 no paths are kept at all.",
    },
  ),
  tunnelPingInterval: field(pingInterval(), {
    placeholder: "duration",
    summary: "Time between checks of a connection",
    help: "Time between checks of each connection of a client. One that " +
      "does not reply for as long is given up, unless it is slow.",
  }),
  maxConnections: field(
    wholeNumber({ min: MIN_CONNECTIONS, max: MAX_CONNECTIONS }).default(10_000),
    {
      placeholder: "count",
      summary: "Connections on all ports together",
      help: "Connections on all ports together. The server never uses more " +
        "than half of the files that the system lets it open (ulimit -n).",
    },
  ),
  maxConnectionsPerAddress: field(
    wholeNumber({ min: MIN_CONNECTIONS, max: MAX_CONNECTIONS }).optional(),
    {
      placeholder: "count",
      defaultText: "three quarters of --max-connections",
      summary: "Connections from one address",
      help: "Connections from one IPv4 address or one IPv6 /64. Before a " +
        "successful login, an address may have an eighth of " +
        "--max-connections.",
    },
  ),
  exchangeIdleTimeout: field(duration().default(15 * 60_000), {
    placeholder: "duration",
    summary: "How long a browser may be silent",
    help: "How long the connection of a browser may be silent in both " +
      "directions, also during a request. This ends the requests of browsers " +
      "that have vanished. 0 means no limit.",
  }),
  requestBodyTimeout: field(duration().default(2 * 60_000), {
    placeholder: "duration",
    summary: "How long an upload may pause",
    help: "How long a browser may send nothing in the middle of a request's " +
      "content. Then it gets 408. A request that has its response is not " +
      "limited. 0 means no limit.",
  }),
  restUserRateLimit: field(
    wholeNumber({ min: 0, max: MAX_REQUEST_RATE }).default(250),
    {
      placeholder: "count",
      summary: "REST requests per second and user",
      help: "REST API requests per second and user. Short bursts of sixteen " +
        "times as many are allowed; more receive 429. 0 means no limit.",
    },
  ),
  restAddressRateLimit: field(
    wholeNumber({ min: 0, max: MAX_REQUEST_RATE }).default(500),
    {
      placeholder: "count",
      summary: "REST requests per second and address",
      help: "REST API requests per second and IP address, counted before " +
        "authentication. Behind a reverse proxy all users share one address.",
    },
  ),
  loginMaxFailures: field(
    wholeNumber({ min: 1, max: MAX_LOGIN_FAILURES }).default(10),
    {
      placeholder: "count",
      summary: "Failed logins per minute and address",
      help: "Failed logins per minute after which an address must wait " +
        "before it uses that user name again. After ten times as many it " +
        "must wait with any name. This covers the REST API, the page and the " +
        "proxy port. Access keys made by Sallyport are never delayed.",
    },
  ),
};
