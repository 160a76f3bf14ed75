/**
 * Where the content of a message ends (RFC 9112 §6.3).
 *
 * Everything that two readers could frame differently is refused: both length
 * fields at once, lengths that are lists, codings that do not end in `chunked`.
 */
import { isToken, trimOws } from "../../http/tokens.ts";
import { type Http1Error, malformed, unreadable } from "../errors.ts";
import type { ConnectionHeaders } from "./connection_headers.ts";
import type { MinorVersion } from "./header_parser.ts";

/** What marks the end of the content. */
export type Framing =
  | { readonly kind: "none" }
  | { readonly kind: "length"; readonly length: number }
  | {
    readonly kind: "chunked";
    /** Whether it is read as in a response: with padded sizes and folded trailer lines. */
    readonly ofResponse?: boolean;
  }
  | { readonly kind: "close" };

const NONE: Framing = { kind: "none" };
const CHUNKED: Framing = { kind: "chunked" };
const CHUNKED_RESPONSE: Framing = { kind: "chunked", ofResponse: true };
const CLOSE: Framing = { kind: "close" };

/** Digits of 2^53 - 1; real lengths are shorter. */
const MAX_DIGITS = 16;

type FramingFields = Pick<
  ConnectionHeaders,
  "contentLength" | "transferEncoding"
>;

/**
 * The framing of a request's content.
 *
 * @throws {Http1Error} `malformed` or `unsupportedCoding`.
 */
export function requestFraming(
  fields: FramingFields,
  minorVersion: MinorVersion,
): Framing {
  const { contentLength, transferEncoding } = fields;
  if (transferEncoding !== undefined) {
    return transferFraming(transferEncoding, { contentLength, minorVersion });
  }
  if (contentLength === undefined) return NONE;
  return lengthFraming(parseLength(contentLength));
}

/**
 * The framing of a response's content.
 *
 * A length that is repeated unchanged counts once, as RFC 9110 §8.6 allows.
 * Codings without `chunked` end with the connection (RFC 9112 §6.3): browsers
 * take their content as it is. We send no other message on this connection that
 * could be smuggled.
 *
 * @param method Of the request: the response to HEAD has no content.
 * @throws {Http1Error} `malformed` or `unsupportedCoding`.
 */
export function responseFraming(
  fields: FramingFields,
  { method, status, minorVersion }: {
    readonly method: string;
    readonly status: number;
    readonly minorVersion: MinorVersion;
  },
): Framing {
  const { contentLength, transferEncoding } = fields;
  if (endsAfterHeader(method, status)) return NONE;
  if (transferEncoding !== undefined) {
    return transferFraming(transferEncoding, {
      ...{ contentLength, minorVersion },
      ofResponse: true,
    });
  }
  if (contentLength === undefined) {
    // RFC 9110 §15.3.6 forbids content here. Some origins then declare no
    // length and keep the connection, and browsers accept that.
    return status === 205 ? NONE : CLOSE;
  }
  return lengthFraming(parseLength(withoutRepeats(contentLength)));
}

/** Whether a response ends after its header section, whatever its fields say (RFC 9112 §6.3). */
export function endsAfterHeader(method: string, status: number): boolean {
  return method === "HEAD" || status < 200 || status === 204 || status === 304;
}

/**
 * A length as sent: digits only.
 *
 * @throws {Http1Error} `malformed`.
 */
function parseLength(text: string): number {
  if (text === "" || text.length > MAX_DIGITS) throw badLength();
  let length = 0;
  for (let at = 0; at < text.length; at++) {
    const digit = text.charCodeAt(at) - 0x30;
    if (digit < 0 || digit > 9) throw badLength();
    length = length * 10 + digit;
  }
  if (!Number.isSafeInteger(length)) throw badLength();
  return length;
}

function lengthFraming(length: number): Framing {
  return length === 0 ? NONE : { kind: "length", length };
}

function transferFraming(
  codings: string,
  { contentLength, minorVersion, ofResponse = false }: {
    readonly contentLength: string | undefined;
    readonly minorVersion: MinorVersion;
    readonly ofResponse?: boolean;
  },
): Framing {
  if (contentLength !== undefined) {
    throw malformed("it has both Content-Length and Transfer-Encoding");
  }
  if (minorVersion === 0) {
    throw malformed("HTTP/1.0 has no Transfer-Encoding");
  }
  const names = codings.toLowerCase().split(",").map(trimOws);
  if (ofResponse && !names.includes("chunked") && names.every(isToken)) {
    return CLOSE;
  }
  if (names.at(-1) !== "chunked") {
    throw malformed("Transfer-Encoding does not end in chunked");
  }
  if (names.length === 1) return ofResponse ? CHUNKED_RESPONSE : CHUNKED;
  if (names.indexOf("chunked") < names.length - 1 || !names.every(isToken)) {
    throw malformed(
      "Transfer-Encoding is not a list of codings that ends in chunked",
    );
  }
  throw unreadable(
    "unsupportedCoding",
    "its Transfer-Encoding is not just chunked",
  );
}

/** Reduces a list of equal lengths to one length; returns any other text as it is. */
export function withoutRepeats(list: string): string {
  const [first = "", ...others] = list.split(",").map(trimOws);
  return others.every((other) => other === first) ? first : list;
}

function badLength(): Http1Error {
  return malformed("Content-Length is not a number of bytes");
}
