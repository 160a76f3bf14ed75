// The types of values of the options about names.
import * as z from "zod";

import {
  type Address,
  formatAddress,
  isIpAddress,
  parseAddress,
} from "../../net/address/address.ts";
import {
  formatHostOverride,
  type HostOverride,
  parseHostOverride,
} from "../../net/names/host_overrides.ts";
import type { RawValue } from "../field.ts";
import { codec, reasonOf, refuse, type ValueCodec } from "./values.ts";

const DNS_PORT = 53;

/** A DNS server: `ip` or `ip:port`; IPv6 needs brackets only before a port. */
export function dnsServer(): ValueCodec<Address> {
  return codec(
    addressOf,
    formatAddress,
    "expected ip or ip:port, [ip]:port for IPv6",
  );
}

/**
 * Overrides of names, `name=ip,ip`. In an environment variable commas also
 * separate overrides: an item without `=` belongs to the name before it.
 */
export function hostOverrides(): z.ZodType<readonly HostOverride[], RawValue> {
  return z.codec(z.array(z.string()), z.custom<readonly HostOverride[]>(), {
    decode: (raw, context) => {
      try {
        return rejoined(raw).map(parseHostOverride);
      } catch (cause) {
        const expected = `expected name=ip or *.name=ip, but ${
          reasonOf(cause)
        }`;
        return refuse(context, raw, expected);
      }
    },
    encode: (overrides) => overrides.map(formatHostOverride),
  }).default([]);
}

function addressOf(raw: string): Address | undefined {
  if (isIpAddress(raw)) return { hostname: raw, port: DNS_PORT };
  const address = parseAddress(raw, DNS_PORT);
  const isComplete = isIpAddress(address.hostname) && address.port > 0;
  return isComplete ? address : undefined;
}

/** Joins `a=1`, `2`, `b=3` to `a=1,2` and `b=3`, after splitting at every comma. */
function rejoined(raw: readonly string[]): string[] {
  const overrides: string[] = [];
  for (const word of raw) {
    const last = overrides.at(-1);
    if (word.includes("=") || last === undefined) overrides.push(word);
    else overrides.splice(-1, 1, `${last},${word}`);
  }
  return overrides;
}
