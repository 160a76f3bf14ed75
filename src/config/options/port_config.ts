/**
 * The server's options about ports that belong to one tunnel each.
 *
 * @module
 */
import * as z from "zod";

import { isAddressRange } from "../../net/address/address_ranges.ts";
import { field, type Fields } from "../field.ts";
import { type One, refuse } from "../values/values.ts";

/** Ports from the first to the last, both included. */
export interface PortRange {
  /** 1 to 65535, as the next. */
  readonly first: number;
  /** At least `first`. */
  readonly last: number;
}

/** Which ports tunnels may have, and who may use them. */
export interface PortConfig {
  readonly proxyPortRange: PortRange | undefined;
  /** IP addresses and ranges of them. */
  readonly proxyPortAllow: readonly string[];
}

/** Each open port is a listener; this is more than a server has tunnels. */
const MAX_PORTS = 10_000;

/** Declares the options of `PortConfig`. */
export const PORT_FIELDS: Fields<PortConfig> = {
  proxyPortRange: field(portRange().optional(), {
    section: "Addresses",
    placeholder: "first-last",
    defaultText: "none",
    help: "Ports for tunnels that want one of their own (--dedicated-port), " +
      "where browsers need no credentials: for Selenium nodes and others " +
      "that cannot answer 407. They listen on the host of --proxy-address. " +
      "A port stays with its tunnel name for 30 days after its last use.",
  }),
  proxyPortAllow: field(
    z.array(addressRange()).default(["127.0.0.0/8", "::1"]),
    {
      section: "Addresses",
      placeholder: "range,...",
      help: "Who may use these ports: IP addresses and ranges such as " +
        "10.1.0.0/16. Everybody there can use the tunnels that have one.",
    },
  ),
};

function portRange(): One<PortRange> {
  return z.codec(z.string(), z.custom<PortRange>(), {
    decode: (words, context) => {
      const [, first, last] = /^(\d{1,5})-(\d{1,5})$/.exec(words) ?? [];
      const range = { first: Number(first), last: Number(last) };
      const isRange = range.first > 0 && range.last <= 65_535 &&
        range.first <= range.last && range.last - range.first < MAX_PORTS;
      if (isRange) return range;
      return refuse(
        context,
        words,
        `expected first-last such as 21000-21099, at most ${MAX_PORTS} ports`,
      );
    },
    encode: ({ first, last }) => `${first}-${last}`,
  });
}

function addressRange(): One<string> {
  return z.string().refine(
    isAddressRange,
    "expected an IP address or a range such as 10.1.0.0/16",
  );
}
