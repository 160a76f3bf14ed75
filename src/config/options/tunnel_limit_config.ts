/**
 * The server's options about what one tunnel may take from the others.
 *
 * @module
 */
import { field, type Fields } from "../field.ts";
import { size, wholeNumber } from "../values/values.ts";

/** What each tunnel may take. */
export interface TunnelLimitConfig {
  readonly tunnelMaxExchanges: number;
  /** Bytes per second each way; 0 is no limit. */
  readonly tunnelRateLimit: number;
}

/** Declares the options of `TunnelLimitConfig`. */
export const TUNNEL_LIMIT_FIELDS: Fields<TunnelLimitConfig> = {
  tunnelMaxExchanges: field(
    wholeNumber({ min: 1, max: 1_000_000 }).default(4096),
    {
      section: "Limits",
      placeholder: "count",
      help: "Requests and connections that each tunnel may have under way at " +
        "the same time, over all its sessions; others are answered with 503.",
    },
  ),
  tunnelRateLimit: field(size().default(0), {
    section: "Limits",
    placeholder: "bytes",
    help: "Bytes of content per second that may pass through each tunnel " +
      "each way, such as 1Mi; 0 is no limit.",
  }),
};
