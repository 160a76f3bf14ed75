/**
 * The server's options about how many requests and failed logins it takes.
 *
 * @module
 */
import { field, type Fields } from "../field.ts";
import { wholeNumber } from "../values/values.ts";

/** What is taken from one user, and from one address. */
export interface RequestLimitConfig {
  /** Requests a second, as the next; 0 is no limit. */
  readonly restUserRateLimit: number;
  readonly restAddressRateLimit: number;
  /** In a minute. */
  readonly loginMaxFailures: number;
}

/** Far above what a server can answer. */
const MAX_RATE = 1_000_000;
/** Whoever may guess oftener is not held up by it. */
const MAX_FAILURES = 1000;

/** Declares the options of `RequestLimitConfig`. */
export const REQUEST_LIMIT_FIELDS: Fields<RequestLimitConfig> = {
  restUserRateLimit: field(
    wholeNumber({ min: 0, max: MAX_RATE }).default(250),
    {
      section: "Limits",
      placeholder: "count",
      help: "Requests a second that the REST API takes of each user in the " +
        "long run, and sixteen times as many at once; others are answered " +
        "with 429. 0 is no limit.",
    },
  ),
  restAddressRateLimit: field(
    wholeNumber({ min: 0, max: MAX_RATE }).default(500),
    {
      section: "Limits",
      placeholder: "count",
      help: "The same for each IP address, before it is known who asks. " +
        "Behind a reverse proxy all users have one address.",
    },
  ),
  loginMaxFailures: field(
    wholeNumber({ min: 1, max: MAX_FAILURES }).default(10),
    {
      section: "Limits",
      placeholder: "count",
      help: "Failed logins in a minute after which an address must wait with " +
        "that user name, at the REST API, the page and the proxy port; with " +
        "ten times as many it must with any name. Keys that the program made " +
        "never wait.",
    },
  ),
};
