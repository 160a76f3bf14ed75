// The client's options about TLS to sites: which hosts are intercepted, and
// whose certificates are not verified.
import { fieldsIn } from "../field.ts";
import type { MutuallyExclusive } from "../values/mutually_exclusive.ts";
import { domains } from "../values/values.ts";

const field = fieldsIn("TLS", {
  placeholder: "regexp,...",
  allowsLeadingDash: true,
});

/** Each of the two options decides for every host. */
export const TLS_EXCLUSIVE: MutuallyExclusive = [
  "tls-resign-domains",
  "tls-passthrough-domains",
];

/** Lists of hosts, in the syntax of `DomainList`. */
export const TLS_FIELDS = {
  tlsResignDomains: field(domains(), {
    short: "b",
    defaultText: "none",
    summary: "Hosts whose TLS is intercepted",
    help: "Hosts whose TLS the server intercepts with a certificate of its " +
      "own CA. The client then sees the requests, and browsers that trust " +
      "this CA show no warning. Each item is a regular expression (RE2) that " +
      'is searched in the host name. A "-" before it excludes hosts; "all" ' +
      "means every host.",
  }),
  tlsPassthroughDomains: field(domains(), {
    short: "B",
    defaultText: "all, without --tls-resign-domains",
    summary: "Intercept all hosts but these",
    help: "Hosts whose TLS passes unchanged. The TLS of all others is " +
      "intercepted. Cannot be combined with --tls-resign-domains.",
  }),
  insecureDomains: field(domains(), {
    defaultText: "none",
    summary: "Intercepted hosts to trust without verification",
    help: "Hosts whose certificate is not verified when their TLS is " +
      "intercepted. Each use is logged and counted.",
  }),
};
