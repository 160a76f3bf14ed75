// The server's options about proxies and balancers before it.
import * as z from "zod";
import { isAddressRange } from "../../net/address/address_ranges.ts";
import { fieldsIn } from "../field.ts";
import { choice, onOff, type ValueCodec } from "../values/values.ts";

const field = fieldsIn("Behind a proxy");

/** Who is believed about clients, and what. */
export const TRUSTED_PROXY_FIELDS = {
  trustedProxies: field(z.array(addressRange()).default([]), {
    placeholder: "range,...",
    defaultText: "none",
    summary: "Proxies that say whose requests they pass on",
    help: "IP addresses and ranges, such as 10.1.0.0/16, of the proxies and " +
      "balancers before this server. What they say about a client is " +
      "believed: its address counts for limits, logins and logs. List only " +
      "proxies that set these fields or headers themselves.",
  }),
  proxyProtocol: field(choice("off", "accept", "require").default("off"), {
    placeholder: "mode",
    summary: "PROXY headers: off, accept or require",
    help: "Whether connections of trusted proxies begin with a PROXY header, " +
      "version 1 or 2, on every port. accept also takes connections without; " +
      "clients of a proxy that sends none can then forge it.",
  }),
  forwardedFields: field(
    choice("x-forwarded", "forwarded").default("x-forwarded"),
    {
      placeholder: "name",
      summary: "Fields that name clients",
      help:
        "Fields in which trusted proxies name clients: x-forwarded stands " +
        "for X-Forwarded-For, -Proto and -Host, forwarded for Forwarded (RFC " +
        "7239). The others are ignored.",
    },
  ),
  plainHttp: field(onOff(), {
    summary: "Leave TLS to trusted proxies",
    help: "Serves --address and --tunnel-address without TLS. Needs " +
      "--trusted-proxies, which end TLS; others are refused.",
  }),
};

function addressRange(): ValueCodec<string> {
  return z.string().refine(
    isAddressRange,
    "expected an IP address or a range such as 10.1.0.0/16",
  );
}
