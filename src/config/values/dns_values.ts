/**
 * The kinds of values that options about names take.
 *
 * @module
 */
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
import type { Raw } from "../field.ts";
import { type One, refuse } from "./values.ts";

const DNS_PORT = 53;

/** A DNS server: `ip` or `ip:port`; IPv6 needs brackets only before a port. */
export function dnsServer(): One<Address> {
  return z.codec(z.string(), z.custom<Address>(), {
    decode: (words, context) =>
      addressOf(words) ??
        refuse(context, words, "expected ip or ip:port, [ip]:port for IPv6"),
    encode: formatAddress,
  });
}

/**
 * Overrides of names, `name=ip,ip`. The comma also stands between overrides
 * where a list is one text: what has no `=` belongs to the name before it.
 */
export function hostOverrides(): z.ZodType<readonly HostOverride[], Raw> {
  return z.codec(z.array(z.string()), z.custom<readonly HostOverride[]>(), {
    decode: (words, context) => {
      try {
        return rejoined(words).map(parseHostOverride);
      } catch (cause) {
        if (!(cause instanceof SyntaxError)) throw cause;
        const reason = cause.message.replace(/^Cannot read ".*": /, "");
        const expected = `expected name=ip or *.name=ip, but ${reason}`;
        return refuse(context, words, expected);
      }
    },
    encode: (overrides) => overrides.map(formatHostOverride),
  }).default([]);
}

function addressOf(words: string): Address | undefined {
  if (isIpAddress(words)) return { hostname: words, port: DNS_PORT };
  try {
    const address = parseAddress(words, DNS_PORT);
    const isWhole = isIpAddress(address.hostname) && address.port > 0;
    return isWhole ? address : undefined;
  } catch {
    // What was wrong with it is plain to see in so short a text.
    return undefined;
  }
}

/** `a=1`, `2`, `b=3` were `a=1,2` and `b=3` before the commas were taken for a list's. */
function rejoined(words: readonly string[]): string[] {
  const overrides: string[] = [];
  for (const word of words) {
    const last = overrides.at(-1);
    if (word.includes("=") || last === undefined) overrides.push(word);
    else overrides.splice(-1, 1, `${last},${word}`);
  }
  return overrides;
}
