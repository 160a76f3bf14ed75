/**
 * The client's options about how fast bytes flow.
 *
 * @module
 */
import { field, type Fields } from "../field.ts";
import { size } from "../values/values.ts";

/** Bytes per second; 0 is no limit. */
export interface RateConfig {
  readonly readLimit: number;
  readonly writeLimit: number;
}

/** Declares the options of `RateConfig`. */
export const RATE_FIELDS: Fields<RateConfig> = {
  readLimit: field(size().default(0), {
    section: "HTTP client",
    placeholder: "bytes",
    help: "Bytes per second that all sites together may send, such as 1Mi; " +
      "0 is no limit.",
  }),
  writeLimit: field(size().default(0), {
    section: "HTTP client",
    placeholder: "bytes",
    help: "Bytes per second that are sent to all sites together.",
  }),
};
