/**
 * The error of HTTP/2. It says how much ended, who ended it, and whether the
 * request may be sent again.
 */

/** The error codes of RFC 9113 §7 by name. */
export const ErrorCode = {
  /** Not an error: a graceful end. */
  NO_ERROR: 0x0,
  PROTOCOL_ERROR: 0x1,
  INTERNAL_ERROR: 0x2,
  FLOW_CONTROL_ERROR: 0x3,
  SETTINGS_TIMEOUT: 0x4,
  /** A frame came for a half of a stream that had ended. */
  STREAM_CLOSED: 0x5,
  FRAME_SIZE_ERROR: 0x6,
  /** The stream was not processed: the request may be sent again. */
  REFUSED_STREAM: 0x7,
  CANCEL: 0x8,
  COMPRESSION_ERROR: 0x9,
  /** The connection behind a CONNECT stream was reset or failed. */
  CONNECT_ERROR: 0xa,
  ENHANCE_YOUR_CALM: 0xb,
  INADEQUATE_SECURITY: 0xc,
  HTTP_1_1_REQUIRED: 0xd,
} as const;

/**
 * An error code in RST_STREAM or GOAWAY: one of {@linkcode ErrorCode}, or any
 * other 32-bit number. Peers may send codes that no RFC names.
 */
export type Http2ErrorCode = number;

const NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(ErrorCode).map(([name, code]) => [code, name]),
);

/** The name of a code for people: `CANCEL`, or `0x1f` for an unknown one. */
export function errorCodeName(code: Http2ErrorCode): string {
  return NAMES.get(code) ?? `0x${code.toString(16)}`;
}

/**
 * A bound on the peer, named like its option in `options.ts`. `fieldSection` is
 * a bound of HPACK.
 */
export type Http2Limit =
  | "resets"
  | "settings"
  | "idleFrames"
  | "maxContinuations"
  | "maxFieldBlock"
  | "fieldBlockTimeout"
  | "fieldSection"
  | "interimResponses"
  | "maxQueuedAnswers"
  | "maxQueuedBytes";

/** The properties of an {@linkcode Http2Error} besides its message. */
export interface Http2ErrorOptions extends ErrorOptions {
  /** The code sent or received (RFC 9113 §7). */
  readonly code: Http2ErrorCode;
  /** Whether one stream ended, or the connection with all of its streams. */
  readonly scope: "stream" | "connection";
  /** Who ended it: this side, the peer, or the socket. */
  readonly initiator: "local" | "peer" | "transport";
  /** Whether the peer has certainly done nothing for the request. Default: for REFUSED_STREAM only. */
  readonly retryable?: boolean;
  /** The bound that the peer exceeded, if that is the reason. */
  readonly limit?: Http2Limit;
}

/** A stream or a connection that ended before it was complete. */
export class Http2Error extends Error {
  /** The code sent or received (RFC 9113 §7). */
  readonly code: Http2ErrorCode;
  /** Whether one stream ended, or the connection with all of its streams. */
  readonly scope: "stream" | "connection";
  /** Who ended it: this side, the peer, or the socket. */
  readonly initiator: "local" | "peer" | "transport";
  /**
   * Whether the peer has certainly not processed the request (RFC 9113 §8.7):
   * it was refused, or is above the last stream of a GOAWAY.
   */
  readonly retryable: boolean;
  /** The bound that the peer exceeded, if that is the reason. */
  readonly limit: Http2Limit | undefined;

  /** @param message A sentence for people: what failed and why. */
  constructor(message: string, options: Http2ErrorOptions) {
    super(message, options);
    this.name = "Http2Error";
    this.code = options.code;
    this.scope = options.scope;
    this.initiator = options.initiator;
    this.retryable = options.retryable ??
      options.code === ErrorCode.REFUSED_STREAM;
    this.limit = options.limit;
  }
}

/** The peer allows no further stream now, and too many requests wait or one has waited too long. */
export class StreamLimitError extends Http2Error {
  /** @param message A sentence for people: what failed and why. */
  constructor(message: string) {
    super(message, {
      code: ErrorCode.REFUSED_STREAM,
      scope: "stream",
      initiator: "local",
    });
  }
}

/** Details of an error of the peer, besides code and message. */
type Details = Pick<Http2ErrorOptions, "limit" | "cause">;

/** The peer broke a rule, which ends the connection (RFC 9113 §5.4.1). */
export function connectionError(
  code: Http2ErrorCode,
  message: string,
  more: Details = {},
): Http2Error {
  const scope = "connection";
  return new Http2Error(message, { ...more, code, scope, initiator: "local" });
}

/** The peer exceeded a bound, which ends the connection (RFC 9113 §10.5). */
export function overLimit(limit: Http2Limit): Http2Error {
  return connectionError(
    ErrorCode.ENHANCE_YOUR_CALM,
    `Cannot use the connection: the peer exceeded "${limit}"`,
    { limit },
  );
}

/** The socket failed, or ended before the connection did. */
export function transportError(
  action: "read from" | "write to",
  cause?: unknown,
): Http2Error {
  const state = cause === undefined ? "it ended early" : "it failed";
  return new Http2Error(`Cannot ${action} the connection: ${state}`, {
    code: ErrorCode.INTERNAL_ERROR,
    scope: "connection",
    initiator: "transport",
    cause,
  });
}

/** The peer broke a rule, which ends one stream (RFC 9113 §5.4.2). */
export function streamError(
  code: Http2ErrorCode,
  message: string,
  more: Details = {},
): Http2Error {
  const scope = "stream";
  return new Http2Error(message, { ...more, code, scope, initiator: "local" });
}
