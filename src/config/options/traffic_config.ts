// The client's options about the route of a request: refused, through the
// tunnel, or from the server directly to the internet.
import { fieldsIn } from "../field.ts";
import type { MutuallyExclusive } from "../values/mutually_exclusive.ts";
import { domains, onOff } from "../values/values.ts";

const SECTION = "Tunnel traffic";
const field = fieldsIn(SECTION);
const hosts = fieldsIn(SECTION, {
  placeholder: "regexp,...",
  allowsLeadingDash: true,
});

/** Each of the two options decides the route of every host. */
export const TRAFFIC_EXCLUSIVE: MutuallyExclusive = [
  "tunnel-domains",
  "direct-domains",
];

/** Lists of hosts, in the syntax of `DomainList`. */
export const TRAFFIC_FIELDS = {
  denyDomains: hosts(domains(), {
    short: "F",
    defaultText: "none",
    summary: "Hosts to refuse with 403",
    help: "Hosts to refuse with 403. Each item is a regular expression (RE2) " +
      'that is searched in the host name. A "-" before it excludes hosts; ' +
      '"all" means every host.',
  }),
  directDomains: hosts(domains(), {
    short: "D",
    defaultText: "none",
    summary: "Hosts that the server reaches directly",
    help: "Hosts that the server reaches directly on the public internet. " +
      "All others go through the tunnel. The TLS of these hosts is never " +
      "intercepted. Cannot be combined with --tunnel-domains.",
  }),
  tunnelDomains: hosts(domains(), {
    short: "T",
    defaultText: "all",
    summary: "Hosts that go through the tunnel",
    help: "Hosts that go through the tunnel. The server reaches all others " +
      "directly on the public internet.",
  }),
  dedicatedPort: field(onOff(), {
    summary: "Request a proxy port without credentials",
    help: "Requests a proxy port for this tunnel alone, where browsers need " +
      "no credentials. Use it for Selenium nodes and other programs that " +
      "cannot respond to 407. The server's --proxy-port-allow limits who may " +
      "use the port.",
  }),
};
