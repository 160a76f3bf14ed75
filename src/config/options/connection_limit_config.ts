import { field, type Fields } from "../field.ts";
import { duration, wholeNumber } from "../values/values.ts";

/** How many connections the server's ports take, and for how long. */
export interface ConnectionLimitConfig {
  /** In all. */
  readonly maxConnections: number;
  /** Of one IPv4 address or IPv6 /64. */
  readonly maxConnectionsPerAddress: number | undefined;
  /** In milliseconds; 0 is no limit. */
  readonly exchangeIdleTimeout: number;
}

/** More than any system has files for. */
const MOST = 1_000_000;
/** With fewer, a client and its browsers cannot connect. */
const LEAST = 16;

/** Declares the options of `ConnectionLimitConfig`. */
export const CONNECTION_LIMIT_FIELDS: Fields<ConnectionLimitConfig> = {
  maxConnections: field(
    wholeNumber({ min: LEAST, max: MOST }).default(10_000),
    {
      section: "Limits",
      placeholder: "count",
      help: "Connections that all ports take together, at most half of the " +
        "files that the system lets the process open (ulimit -n).",
    },
  ),
  maxConnectionsPerAddress: field(
    wholeNumber({ min: LEAST, max: MOST }).optional(),
    {
      section: "Limits",
      placeholder: "count",
      defaultText: "three quarters of --max-connections",
      help: "Connections from one IPv4 address or one IPv6 /64. Before a " +
        "login is right, an address may have an eighth of --max-connections.",
    },
  ),
  exchangeIdleTimeout: field(duration().default(15 * 60_000), {
    section: "Limits",
    placeholder: "duration",
    help: "How long the connection of a browser may be silent in both " +
      "directions, in the middle of a request too. A browser that has " +
      "vanished holds its request no longer than that. 0 is no limit.",
  }),
};
