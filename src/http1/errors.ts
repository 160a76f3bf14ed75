/** The failures of HTTP/1 that a caller can act on. */
export type Http1ErrorCode =
  /** The bytes do not have exactly one meaning. */
  | "malformed"
  /** The request line is too long. */
  | "targetTooLong"
  /** The header section or the trailer section is too long. */
  | "headersTooLarge"
  /** A version other than 1.0 and 1.1. */
  | "unsupportedVersion"
  /** A transfer coding other than chunked. */
  | "unsupportedCoding"
  /** A protocol other than WebSocket where only that can be switched to. */
  | "unsupportedUpgrade"
  /** The header section did not come in time. */
  | "timeout"
  /** The connection ended inside a message. */
  | "cutShort"
  /** A kept connection had ended before the response began. The origin may not have seen the request. */
  | "staleConnection"
  /** The body was cancelled, or its exchange is over. */
  | "cancelled";

const STATUS: Readonly<Record<Http1ErrorCode, number>> = {
  malformed: 400,
  targetTooLong: 414,
  headersTooLarge: 431,
  unsupportedVersion: 505,
  unsupportedCoding: 501,
  unsupportedUpgrade: 501,
  timeout: 408,
  cutShort: 400,
  staleConnection: 502,
  cancelled: 500,
};

/** The options of an `Http1Error`. */
export interface Http1ErrorOptions {
  readonly cause?: unknown;
  /** Which side failed; default "peer". */
  readonly from?: "peer" | "origin";
  /** Whether the same request may be sent again on another connection. */
  readonly retryable?: boolean;
}

/** A message or connection that cannot be used any more. */
export class Http1Error extends Error {
  override readonly name = "Http1Error";
  /** What went wrong. */
  readonly code: Http1ErrorCode;
  /** The status of the error response: 4xx or 5xx. */
  readonly status: number;
  /** Whether the same request may be sent again on another connection. */
  readonly retryable: boolean;

  constructor(
    code: Http1ErrorCode,
    message: string,
    { cause, from = "peer", retryable = false }: Http1ErrorOptions = {},
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.status = from === "peer" ? STATUS[code] : originStatus(code);
    this.retryable = retryable;
  }
}

/** A message without exactly one meaning; `why` completes "Cannot read the message: …". */
export function malformed(why: string): Http1Error {
  return new Http1Error("malformed", `Cannot read the message: ${why}`);
}

/** The connection ended before the message did. */
export function cutShort(cause?: unknown): Http1Error {
  return new Http1Error(
    "cutShort",
    "Cannot read the message: the connection ended inside it",
    { cause },
  );
}

/** The same failure as one of the origin: a gateway responds with 502 or 504. */
export function asOriginError(error: Http1Error): Http1Error {
  return new Http1Error(error.code, error.message, {
    cause: error.cause,
    from: "origin",
    retryable: error.retryable,
  });
}

function originStatus(code: Http1ErrorCode): number {
  return code === "timeout" ? 504 : 502;
}
