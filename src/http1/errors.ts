/** The failures that a caller can act on, with the status of the response. */
const STATUS = {
  /** The bytes do not have exactly one meaning. */
  malformed: 400,
  /** The request line is too long. */
  targetTooLong: 414,
  /** The header section or the trailer section is too long. */
  headersTooLarge: 431,
  /** A version other than 1.0 and 1.1. */
  unsupportedVersion: 505,
  /** A transfer coding other than chunked. */
  unsupportedCoding: 501,
  /** A protocol other than WebSocket where only that can be switched to. */
  unsupportedUpgrade: 501,
  /** The header section did not come in time. */
  timeout: 408,
  /** The connection ended inside a message. */
  cutShort: 400,
  /** A kept connection had ended before the response began. The origin may not have seen the request. */
  staleConnection: 502,
  /** The body was cancelled, or its exchange is over. */
  cancelled: 500,
} as const;

/** The failures of HTTP/1 that a caller can act on. */
export type Http1ErrorCode = keyof typeof STATUS;

/** The options of an `Http1Error`. */
export interface Http1ErrorOptions {
  readonly cause?: unknown;
  /** What is wrong, without who sent it. Default the whole message. */
  readonly why?: string;
  /** Which side failed; default "peer". */
  readonly from?: "peer" | "origin";
  /** Whether the same request may be sent again on another connection. */
  readonly retryable?: boolean;
  /** The first byte, where no HTTP begins with it. */
  readonly first?: number | undefined;
}

/** A message or connection that cannot be used any more. */
export class Http1Error extends Error {
  override readonly name = "Http1Error";
  /** What is wrong, without who sent it: text for a colon before it. */
  readonly why: string;
  /** What went wrong. */
  readonly code: Http1ErrorCode;
  /** The status of the error response: 4xx or 5xx. */
  readonly status: number;
  /** Whether the same request may be sent again on another connection. */
  readonly retryable: boolean;
  /** The first byte, where no HTTP begins with it: another protocol, which it may tell. */
  readonly first: number | undefined;

  constructor(
    code: Http1ErrorCode,
    message: string,
    { cause, why = message, from = "peer", retryable = false, first }:
      Http1ErrorOptions = {},
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.why = why;
    this.status = from === "peer" ? STATUS[code] : originStatus(code);
    this.retryable = retryable;
    this.first = first;
  }
}

/** A message without exactly one meaning; `why` completes "Cannot read the message: …". */
export function malformed(why: string): Http1Error {
  return unreadable("malformed", why);
}

/** A message that cannot be read for this reason; `why` completes "Cannot read the message: …". */
export function unreadable(code: Http1ErrorCode, why: string): Http1Error {
  return new Http1Error(code, `Cannot read the message: ${why}`, { why });
}

/** A message that does not begin like HTTP: another protocol, or garbage. */
export function notHttp(first: number): Http1Error {
  const why = OTHERS.get(first) ?? `it begins with ${byteWords(first)}`;
  return new Http1Error("malformed", `Cannot read the message: ${why}`, {
    why,
    first,
  });
}

/** A byte as people can find it. */
export function byteWords(byte: number | undefined): string {
  switch (byte) {
    case undefined:
      return "its end";
    case 0x09:
      return "a tab";
    case 0x0a:
      return "an LF";
    case 0x0d:
      return "a CR";
    case 0x20:
      return "a space";
    default:
      return `the byte 0x${byte.toString(16).padStart(2, "0")}`;
  }
}

/** What begins with these bytes: TLS (RFC 8446 §5.1), SOCKS (RFC 1928 §3). */
const OTHERS: ReadonlyMap<number, string> = new Map([
  [0x05, "it is SOCKS 5, where HTTP is expected"],
  [0x15, "it is TLS, where plain HTTP is expected"],
  [0x16, "it is TLS, where plain HTTP is expected"],
]);

const REASONS: Partial<Record<Http1ErrorCode, string>> = {
  targetTooLong: "target_too_long",
  headersTooLarge: "headers_too_large",
  timeout: "request_timeout",
};

/**
 * Why a request cannot be read, as the value of a field: a word, and the
 * sentence.
 */
export function refusalOf(
  { code, message }: Pick<Http1Error, "code" | "message">,
  sentence: string = message,
): string {
  const printable = sentence.replace(/[^\x20-\x7e]/g, "?");
  return `${REASONS[code] ?? "bad_request"} ${printable}`;
}

/** The connection ended before the message did. */
export function cutShort(cause?: unknown): Http1Error {
  return new Http1Error(
    "cutShort",
    "Cannot read the message: the connection ended inside it",
    { cause, why: "the connection ended inside it" },
  );
}

/** The same failure as one of the origin: a gateway responds with 502 or 504. */
export function asOriginError(error: Http1Error): Http1Error {
  return new Http1Error(error.code, error.message, {
    cause: error.cause,
    why: error.why,
    first: error.first,
    from: "origin",
    retryable: error.retryable,
  });
}

function originStatus(code: Http1ErrorCode): number {
  return code === "timeout" ? 504 : 502;
}
