// The types of values of options. Each parses text into a value, formats it as
// text, and reports what it expected.
import * as z from "zod";

import {
  type Address,
  formatAddress,
  isIpAddress,
  parseAddress,
} from "../../net/address/address.ts";
import { parseFingerprint } from "../../net/tls/certificate_pins.ts";
import { whyNotDomains } from "../../net/domains/domain_list.ts";
import {
  nearAddress,
  nearDomain,
  nearDuration,
  nearSize,
  nearWord,
} from "./near_miss.ts";
import { durationText, parseDuration, parseSize, sizeText } from "./units.ts";

/** A schema that parses one text to a `Value` and formats it as text. */
export type ValueCodec<Value> = z.ZodType<Value, string>;

/**
 * A value that is written as one text.
 *
 * @param parse Gives `undefined`, or throws a `SyntaxError`, for text that is
 * not valid. Its message is the reason, without the words before the text.
 * @param expected The reason in other words.
 */
export function codec<Value>(
  parse: (raw: string) => Value | undefined,
  format: (value: Value) => string,
  expected?: string | ((raw: string) => string),
): ValueCodec<Value> {
  return z.codec(z.string(), z.custom<Value>(), {
    decode: (raw, context) => {
      let reason = "";
      try {
        const value = parse(raw);
        if (value !== undefined) return value;
      } catch (cause) {
        reason = reasonOf(cause);
      }
      const words = typeof expected === "function" ? expected(raw) : expected;
      return refuse(context, raw, words ?? reason);
    },
    encode: format,
  });
}

/** Why a parser refused a text, without the text. @throws Other errors. */
export function reasonOf(cause: unknown): string {
  if (!(cause instanceof SyntaxError)) throw cause;
  return cause.message.replace(/^Cannot read .*": /s, "");
}

/** A text that is not empty. */
export function text(): ValueCodec<string> {
  return z.string().min(1, "expected a value");
}

/**
 * A text that matches a pattern.
 *
 * @param expected A description of the pattern, after "expected".
 */
export function textLike(
  pattern: RegExp,
  expected: string,
): ValueCodec<string> {
  return z.string().regex(pattern, `expected ${expected}`);
}

/** Whether `text` is a name, or an IP address without brackets. */
export function isHost(text: string): boolean {
  return isIpAddress(text) || HOST_NAME.test(text);
}

const HOST_NAME = /^[\w-]+(?:\.[\w-]+)*$/;

/** A host without a port: a name, or an IP address without brackets. */
export function host(): ValueCodec<string> {
  return text().refine(
    isHost,
    "expected a name or an IP address, without a port",
  );
}

/** A switch: a bare flag, or `true` and `false`. Off by default. */
export function onOff(): z.ZodType<boolean, string | undefined> {
  return z.stringbool({
    truthy: ["true"],
    falsy: ["false"],
    error: ({ input }) =>
      `expected true or false${nearWord(String(input), ["true", "false"])}`,
  }).default(false);
}

/** One of several words. */
export function choice<const Word extends string>(
  ...words: readonly [Word, ...Word[]]
): ValueCodec<Word> {
  return codec(
    (raw) => words.find((each) => each === raw),
    (word) => word,
    (raw) => `expected ${list(words)}${nearWord(raw, words)}`,
  );
}

/** A whole number within bounds. */
export function wholeNumber({ min, max }: {
  readonly min: number;
  readonly max: number;
}): ValueCodec<number> {
  return codec(
    (raw) => {
      const number = /^\d+$/.test(raw) ? Number(raw) : NaN;
      return number >= min && number <= max ? number : undefined;
    },
    String,
    `expected a whole number from ${min} to ${max}`,
  );
}

/** A duration such as `1m30s`, in milliseconds. */
export function duration(): ValueCodec<number> {
  return codec(
    parseDuration,
    durationText,
    (raw) => "expected a duration such as 30s or 1m30s" + nearDuration(raw),
  );
}

/** A size such as `1.5Mi`, in bytes. */
export function size(): ValueCodec<number> {
  return codec(
    parseSize,
    sizeText,
    (raw) => "expected a size in bytes such as 512Ki or 1Mi" + nearSize(raw),
  );
}

/** A size within bounds, in bytes. */
export function sizeWithin({ min, max }: {
  readonly min: number;
  readonly max: number;
}): ValueCodec<number> {
  return codec(
    (raw) => {
      const bytes = parseSize(raw) ?? NaN;
      return bytes >= min && bytes <= max ? bytes : undefined;
    },
    sizeText,
    `expected a size in bytes from ${sizeText(min)} to ${sizeText(max)}`,
  );
}

/** Where to listen: `host:port`, or `:port` for all interfaces. */
export function listenAddress(): ValueCodec<Address> {
  return codec(
    listeningAddress,
    formatAddress,
    (raw) => "expected host:port or :port" + nearAddress(raw),
  );
}

/** Where to listen, or `none`. */
export function addressOrNone(): ValueCodec<Address | "none"> {
  return codec(
    (raw) => raw === "none" ? "none" : listeningAddress(raw),
    (value) => value === "none" ? "none" : formatAddress(value),
    (raw) => "expected host:port, :port or none" + nearAddress(raw),
  );
}

function listeningAddress(raw: string): Address {
  const { hostname, port } = parseAddress(raw);
  return { hostname: hostname === "" ? "0.0.0.0" : hostname, port };
}

/** The origin of a server, `https://host:port`; `https://` may be left out. */
export function httpsOrigin(): ValueCodec<string> {
  return codec(
    (raw) => {
      const url = URL.parse(raw.includes("://") ? raw : `https://${raw}`);
      const isBare = url?.href === `${url?.origin}/`;
      return isBare && url?.protocol === "https:" ? url.origin : undefined;
    },
    (origin) => origin,
    "expected https://host:port, without a path",
  );
}

/** The fingerprint of a certificate or key: SHA-256 in hexadecimal. */
export function fingerprint(): ValueCodec<string> {
  return codec(
    parseFingerprint,
    (value) => value,
    "expected sha256: and 64 hexadecimal digits, as sallyport trust and " +
      "OpenSSL show them",
  );
}

/** A name and its value. */
export interface Pair {
  readonly name: string;
  readonly value: string;
}

/** A name and its value in one text: `name=value`, `name:key`. */
export function pair(separator: "=" | ":"): ValueCodec<Pair> {
  return codec(
    (raw) => {
      const at = raw.indexOf(separator);
      const value = raw.slice(at + 1);
      return at > 0 && value !== ""
        ? { name: raw.slice(0, at), value }
        : undefined;
    },
    ({ name, value }) => name + separator + value,
    `expected name${separator}value`,
  );
}

/** Any number of values; none by default. */
export function many<Value>(
  each: ValueCodec<Value>,
): z.ZodType<readonly Value[], readonly string[] | undefined> {
  return z.array(each).default([]);
}

/** A list of hosts in the syntax of `DomainList`; empty by default. */
export function domains(): z.ZodType<
  readonly string[],
  readonly string[] | undefined
> {
  return z.array(z.string()).superRefine((entries, context) => {
    const message = entries.length === 0 ? undefined : whyNotDomains(entries);
    if (message === undefined) return;
    const wrong = [...entries.keys()].filter((at) =>
      whyNotDomains([entries[at]?.replace(/^-/, "") ?? ""]) !== undefined
    );
    if (wrong.length === 0) context.addIssue({ code: "custom", message });
    for (const at of wrong) {
      const entry = entries[at] ?? "";
      const why = whyNotDomains([entry.replace(/^-(?=.)/, "")]) ?? message;
      context.addIssue({
        code: "custom",
        path: [at],
        message: why + nearDomain(entry),
      });
    }
  }).default([]);
}

/** `a, b or c`. */
function list(items: readonly string[]): string {
  return items.join(", ").replace(/, ([^,]+)$/, " or $1");
}

/** Reports that `input` is invalid; a codec returns the result. */
export function refuse(
  context: z.core.ParsePayload,
  input: string | readonly string[],
  message: string,
): never {
  context.issues.push({ code: "custom", input, message });
  return z.NEVER;
}
