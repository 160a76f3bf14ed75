/**
 * The client's options about where requests go: refused, through the tunnel,
 * or from the server straight to the internet.
 *
 * @module
 */
import type { Rivals } from "../values/exclusive.ts";
import { field, type Fields } from "../field.ts";
import { domains, onOff } from "../values/values.ts";

/** Lists of hosts, as `DomainList` reads them. */
export interface TrafficConfig {
  readonly denyDomains: readonly string[];
  readonly directDomains: readonly string[];
  readonly tunnelDomains: readonly string[];
  readonly dedicatedPort: boolean;
}

/** Each of the two says where all hosts go. */
export const TRAFFIC_RIVALS: Rivals = ["tunnel-domains", "direct-domains"];

/** Declares the options of `TrafficConfig`. */
export const TRAFFIC_FIELDS: Fields<TrafficConfig> = {
  denyDomains: field(domains(), {
    section: "Tunnel traffic",
    short: "F",
    placeholder: "[-]regexp,...",
    isDashed: true,
    defaultText: "none",
    help: "Hosts that are refused with 403. Regular expressions (RE2) that " +
      'are searched in the host name; "-" before one excludes, "all" is ' +
      "every host.",
  }),
  directDomains: field(domains(), {
    section: "Tunnel traffic",
    short: "D",
    placeholder: "[-]regexp,...",
    isDashed: true,
    defaultText: "none",
    help: "Hosts that the server reaches itself on the public internet; all " +
      "others go through the tunnel. Their TLS is never opened. Not together " +
      "with --tunnel-domains.",
  }),
  tunnelDomains: field(domains(), {
    section: "Tunnel traffic",
    short: "T",
    placeholder: "[-]regexp,...",
    isDashed: true,
    defaultText: "all",
    help: "Hosts that go through the tunnel, while the server reaches all " +
      "others itself on the public internet.",
  }),
  dedicatedPort: field(onOff(), {
    section: "Tunnel traffic",
    help: "Asks the server for a proxy port of this tunnel alone, where " +
      "browsers need no credentials: for Selenium nodes and others that " +
      "cannot answer 407. Who may use it, the server's --proxy-port-allow says.",
  }),
};
