/**
 * The client's options about TLS to sites: whose is opened on the way, and
 * whose certificate is not verified.
 *
 * @module
 */
import type { Rivals } from "../values/exclusive.ts";
import { field, type Fields } from "../field.ts";
import { domains } from "../values/values.ts";

/** Lists of hosts, as `DomainList` reads them. */
export interface TlsConfig {
  readonly tlsResignDomains: readonly string[];
  readonly tlsPassthroughDomains: readonly string[];
  readonly insecureDomains: readonly string[];
}

/** Each of the two says what happens to all hosts. */
export const TLS_RIVALS: Rivals = [
  "tls-resign-domains",
  "tls-passthrough-domains",
];

/** Declares the options of `TlsConfig`. */
export const TLS_FIELDS: Fields<TlsConfig> = {
  tlsResignDomains: field(domains(), {
    section: "TLS",
    short: "b",
    placeholder: "[-]regexp,...",
    isDashed: true,
    defaultText: "none",
    help: "Hosts whose TLS the server opens and signs anew with its own CA, " +
      "so that browsers that trust it open them without a warning and the " +
      "client sees the requests. Regular expressions (RE2) that are searched " +
      'in the host name; "-" before one excludes, "all" is every host.',
  }),
  tlsPassthroughDomains: field(domains(), {
    section: "TLS",
    short: "B",
    placeholder: "[-]regexp,...",
    isDashed: true,
    defaultText: "all, unless --tls-resign-domains is set",
    help: "Hosts whose TLS passes untouched, while that of all others is " +
      "opened. Not together with --tls-resign-domains.",
  }),
  insecureDomains: field(domains(), {
    section: "TLS",
    placeholder: "[-]regexp,...",
    isDashed: true,
    defaultText: "none",
    help: "Hosts whose certificate is not verified where their TLS is opened " +
      "on the way: whoever answers is trusted. Log and metrics show it.",
  }),
};
