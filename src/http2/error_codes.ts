/**
 * The reasons that HTTP/2 can give for ending a stream or a connection
 * (RFC 9113 §7).
 *
 * @module
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
  /** Nothing was done for the stream: it is safe to try again. */
  REFUSED_STREAM: 0x7,
  CANCEL: 0x8,
  COMPRESSION_ERROR: 0x9,
  /** The connection that a CONNECT stream stood for was reset or failed. */
  CONNECT_ERROR: 0xa,
  ENHANCE_YOUR_CALM: 0xb,
  INADEQUATE_SECURITY: 0xc,
  HTTP_1_1_REQUIRED: 0xd,
} as const;

/**
 * An error code as it stands in RST_STREAM and GOAWAY: one of {@linkcode ErrorCode},
 * or any other 32-bit number, for a peer may send codes that no RFC names.
 */
export type Http2ErrorCode = number;

const NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(ErrorCode).map(([name, code]) => [code, name]),
);

/** The name of a code for people: `CANCEL`, or `0x1f` for one that has none. */
export function errorCodeName(code: Http2ErrorCode): string {
  return NAMES.get(code) ?? `0x${code.toString(16)}`;
}
