/**
 * The kinds of values that options take. Each reads words into a value, writes
 * it back as words, and says what it expected when it cannot.
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
import { whyNotDomains } from "../../net/domains/domain_list.ts";
import { formatDuration, parseDuration } from "./duration.ts";
import { formatSize, parseSize } from "./size.ts";

/** A schema from the words of one value to a `Value`. */
export type One<Value> = z.ZodType<Value, string>;

/** Any text but the empty one. */
export function text(): One<string> {
  return z.string().min(1, "expected a text");
}

/**
 * A text of a certain form.
 *
 * @param expected The form in words, after "expected".
 */
export function textLike(pattern: RegExp, expected: string): One<string> {
  return z.string().regex(pattern, `expected ${expected}`);
}

const HOST_NAME = /^[\w-]+(?:\.[\w-]+)*$/;

/** A host by itself: a name, or an IP address without brackets. */
export function host(): One<string> {
  return text().refine(
    (name) => isIpAddress(name) || HOST_NAME.test(name),
    "expected a name or an IP address, without a port",
  );
}

/** On or off: a bare flag, or `true` and `false`. Off unless it is set. */
export function onOff(): z.ZodType<boolean, string | undefined> {
  return z.stringbool({
    truthy: ["true"],
    falsy: ["false"],
    error: "expected true or false",
  }).default(false);
}

/** One of a few words. */
export function choice<const Word extends string>(
  ...words: readonly [Word, ...Word[]]
): z.ZodType<Word, string> {
  const expected = `expected ${list(words)}`;
  return z.codec(z.string(), z.enum(words), {
    decode: (word, context) => {
      const known = words.find((each) => each === word);
      return known ?? refuse(context, word, expected);
    },
    encode: (word) => word,
  });
}

/** A whole number within bounds. */
export function wholeNumber({ min, max }: {
  readonly min: number;
  readonly max: number;
}): One<number> {
  return z.codec(z.string(), z.number(), {
    decode: (digits, context) => {
      const number = /^\d+$/.test(digits) ? Number(digits) : NaN;
      if (number >= min && number <= max) return number;
      const expected = `expected a whole number from ${min} to ${max}`;
      return refuse(context, digits, expected);
    },
    encode: String,
  });
}

/** A duration such as `1m30s`, in milliseconds. */
export function duration(): One<number> {
  return z.codec(z.string(), z.number(), {
    decode: (words, context) =>
      parseDuration(words) ??
        refuse(context, words, "expected a duration such as 30s or 1m30s"),
    encode: formatDuration,
  });
}

/** A size such as `1.5Mi`, in bytes. */
export function size(): One<number> {
  return z.codec(z.string(), z.number(), {
    decode: (words, context) =>
      parseSize(words) ??
        refuse(context, words, "expected a size in bytes such as 512Ki or 1Mi"),
    encode: formatSize,
  });
}

/** Where to listen: `host:port`, or `:port` for all interfaces. */
export function listenAddress(): One<Address> {
  return z.codec(z.string(), z.custom<Address>(), {
    decode: (words, context) => {
      try {
        const { hostname, port } = parseAddress(words);
        return { hostname: hostname === "" ? "0.0.0.0" : hostname, port };
      } catch {
        // What was wrong with it is plain to see in so short a text.
        return refuse(context, words, "expected host:port or :port");
      }
    },
    encode: formatAddress,
  });
}

/** The origin of a server, `https://host:port`; `https://` may be left out. */
export function httpsOrigin(): One<string> {
  return z.codec(z.string(), z.string(), {
    decode: (words, context) => {
      const url = URL.parse(words.includes("://") ? words : `https://${words}`);
      const isBare = url?.href === `${url?.origin}/`;
      if (isBare && url?.protocol === "https:") return url.origin;
      const expected = "expected https://host:port, without a path";
      return refuse(context, words, expected);
    },
    encode: (origin) => origin,
  });
}

/** A name and its value. */
export interface Pair {
  readonly name: string;
  readonly value: string;
}

/** A name and its value in one text: `name=value`, `name:key`. */
export function pair(separator: "=" | ":"): One<Pair> {
  return z.codec(z.string(), z.custom<Pair>(), {
    decode: (words, context) => {
      const at = words.indexOf(separator);
      const value = words.slice(at + 1);
      if (at > 0 && value !== "") return { name: words.slice(0, at), value };
      return refuse(context, words, `expected name${separator}value`);
    },
    encode: ({ name, value }) => name + separator + value,
  });
}

/** A table of names and values, in JSON. */
export function table(): One<Readonly<Record<string, unknown>>> {
  return z.codec(z.string(), z.record(z.string(), z.unknown()), {
    decode: (words, context) => {
      const { success, data } = TABLE.safeParse(parsed(words));
      if (success) return data;
      return refuse(context, words, "expected a table of names and values");
    },
    encode: (data) => JSON.stringify(data),
  });
}

const TABLE = z.record(z.string(), z.unknown());

/** What JSON says, `undefined` if it is none. */
function parsed(words: string): unknown {
  try {
    return JSON.parse(words);
  } catch {
    // Its reason quotes the text, which may be secret.
    return undefined;
  }
}

/** Any number of values; none unless it is set. */
export function many<Value>(
  each: One<Value>,
): z.ZodType<readonly Value[], readonly string[] | undefined> {
  return z.array(each).default([]);
}

/** A list of hosts as `DomainList` reads it; none unless it is set. */
export function domains(): z.ZodType<
  readonly string[],
  readonly string[] | undefined
> {
  return z.array(z.string()).superRefine((entries, context) => {
    const message = entries.length === 0 ? undefined : whyNotDomains(entries);
    if (message !== undefined) context.addIssue({ code: "custom", message });
  }).default([]);
}

/** `a, b or c`. */
function list(words: readonly string[]): string {
  return words.join(", ").replace(/, ([^,]+)$/, " or $1");
}

/** Says that `input` is no such value; what a codec returns then. */
export function refuse(
  context: z.core.ParsePayload,
  input: string | readonly string[],
  message: string,
): never {
  context.issues.push({ code: "custom", input, message });
  return z.NEVER;
}
