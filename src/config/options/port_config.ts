// The server's options about dedicated proxy ports.
import * as z from "zod";

import { isAddressRange } from "../../net/address/address_ranges.ts";
import { fieldsIn } from "../field.ts";
import { codec, type ValueCodec } from "../values/values.ts";

const field = fieldsIn("Addresses");

/** Ports from the first to the last, both included. */
export interface PortRange {
  /** 1 to 65535. */
  readonly first: number;
  /** `first` to 65535. */
  readonly last: number;
}

/** Each open port is a listener. No server has more tunnels than this. */
const MAX_PORTS = 10_000;

/** Ports for tunnels with `--dedicated-port`, and the addresses that may use them. */
export const PORT_FIELDS = {
  proxyPortRange: field(
    codec(
      parseRange,
      ({ first, last }) => `${first}-${last}`,
      `expected first-last such as 21000-21099, at most ${MAX_PORTS} ports`,
    ).optional(),
    {
      placeholder: "first-last",
      defaultText: "none",
      summary: "Ports for tunnels with --dedicated-port",
      help: "Ports for tunnels with --dedicated-port, where browsers need no " +
        "credentials. They are for Selenium nodes and other programs that " +
        "cannot respond to 407. They listen on the host of --proxy-address. A " +
        "port stays reserved for its tunnel name for 30 days after its last " +
        "use.",
    },
  ),
  proxyPortAllow: field(
    z.array(addressRange()).default(["127.0.0.0/8", "::1"]),
    {
      placeholder: "range,...",
      summary: "Addresses that may use these ports",
      help:
        "IP addresses and ranges, such as 10.1.0.0/16, that may use these " +
        "ports, by default only this machine. Every program there can use " +
        "the tunnels of these ports.",
    },
  ),
};

function parseRange(raw: string): PortRange | undefined {
  const [, first, last] = /^(\d{1,5})-(\d{1,5})$/.exec(raw) ?? [];
  const range = { first: Number(first), last: Number(last) };
  const isRange = range.first > 0 && range.last <= 65_535 &&
    range.first <= range.last && range.last - range.first < MAX_PORTS;
  return isRange ? range : undefined;
}

function addressRange(): ValueCodec<string> {
  return z.string().refine(
    isAddressRange,
    "expected an IP address or a range such as 10.1.0.0/16",
  );
}
