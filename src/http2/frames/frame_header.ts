/**
 * The nine bytes before each frame, and the checks that need nothing else (RFC
 * 9113 §4, §6).
 *
 * ```
 * +-----------------------------------------------+
 * |                 Length (24)                   |
 * +---------------+---------------+---------------+
 * |   Type (8)    |   Flags (8)   |
 * +-+-------------+---------------+-------------------------------+
 * |R|                 Stream Identifier (31)                      |
 * +=+=============================================================+
 * |                   Frame Payload (0...)                      ...
 * +---------------------------------------------------------------+
 * ```
 */
import { connectionError, ErrorCode } from "../errors.ts";

/** Bytes of a frame header. */
export const HEADER_SIZE = 9;

/** The types of RFC 9113 §6; a frame of any other type is ignored (§4.1). */
export const FrameType = {
  DATA: 0x0,
  HEADERS: 0x1,
  PRIORITY: 0x2,
  RST_STREAM: 0x3,
  SETTINGS: 0x4,
  PUSH_PROMISE: 0x5,
  PING: 0x6,
  GOAWAY: 0x7,
  WINDOW_UPDATE: 0x8,
  CONTINUATION: 0x9,
} as const;

/** The flags of RFC 9113 §6; the meaning of a bit depends on the type. */
export const Flag = {
  END_STREAM: 0x1,
  ACK: 0x1,
  END_HEADERS: 0x4,
  PADDED: 0x8,
  PRIORITY: 0x20,
} as const;

/** What a client sends before its first frame (RFC 9113 §3.4). */
export const CLIENT_PREFACE: Uint8Array<ArrayBuffer> = new TextEncoder().encode(
  "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
);

/** The header of a frame. */
export interface FrameHeader {
  readonly length: number;
  readonly type: number;
  readonly flags: number;
  readonly streamId: number;
}

/** Writes a frame header into `into` at `at`. */
export function writeFrameHeader(
  into: Uint8Array,
  at: number,
  { length, type, flags, streamId }: FrameHeader,
): void {
  into[at] = length >>> 16;
  into[at + 1] = length >>> 8;
  into[at + 2] = length;
  into[at + 3] = type;
  into[at + FLAGS_OFFSET] = flags;
  writeUint32(into, at + 5, streamId);
}

/** Offset of the flags in a frame header. */
export const FLAGS_OFFSET = 4;

/** Reads the frame header in `from` at `at`; nine bytes have to be there. */
export function readFrameHeader(from: Uint8Array, at: number): FrameHeader {
  return {
    length: ((from[at] ?? 0) << 16) | ((from[at + 1] ?? 0) << 8) |
      (from[at + 2] ?? 0),
    type: from[at + 3] ?? 0,
    flags: from[at + 4] ?? 0,
    // "R: a reserved 1-bit field … MUST be ignored when receiving" (§4.1)
    streamId: readUint31(from, at + 5),
  };
}

/** Writes a 32-bit number, most significant byte first. */
export function writeUint32(into: Uint8Array, at: number, value: number): void {
  into[at] = value >>> 24;
  into[at + 1] = value >>> 16;
  into[at + 2] = value >>> 8;
  into[at + 3] = value;
}

/** Reads a 32-bit number, most significant byte first. */
export function readUint32(from: Uint8Array, at: number): number {
  return (((from[at] ?? 0) << 24) | ((from[at + 1] ?? 0) << 16) |
    ((from[at + 2] ?? 0) << 8) | (from[at + 3] ?? 0)) >>> 0;
}

/** Reads a 31-bit number and ignores the reserved bit before it. */
export function readUint31(from: Uint8Array, at: number): number {
  return readUint32(from, at) & 0x7fff_ffff;
}

/**
 * Checks what the header alone shows.
 *
 * The length of PRIORITY is not checked here: that error ends only a stream
 * (§6.3).
 *
 * @throws {Http2Error} Of the connection.
 */
export function checkFrameHeader(
  header: FrameHeader,
  maxFrameSize: number,
): void {
  // "An endpoint MUST send an error code of FRAME_SIZE_ERROR if a frame exceeds the size defined in SETTINGS_MAX_FRAME_SIZE" (§4.2)
  if (header.length > maxFrameSize) throw wrongLength(header);
  switch (header.type) {
    case FrameType.DATA:
    case FrameType.HEADERS:
    case FrameType.CONTINUATION:
    case FrameType.PUSH_PROMISE:
    case FrameType.PRIORITY:
      return needStream(header);
    case FrameType.RST_STREAM:
      needStream(header);
      return needLength(header, header.length === 4);
    case FrameType.WINDOW_UPDATE:
      return needLength(header, header.length === 4);
    case FrameType.PING:
      needConnection(header);
      return needLength(header, header.length === 8);
    case FrameType.GOAWAY:
      needConnection(header);
      return needLength(header, header.length >= 8);
    case FrameType.SETTINGS:
      needConnection(header);
      // "Receipt of a SETTINGS frame with the ACK flag set and a length field value other than 0 MUST be treated as a connection error of type FRAME_SIZE_ERROR" (§6.5)
      return needLength(
        header,
        (header.flags & Flag.ACK) === 0 || header.length === 0,
      );
    default:
      return;
  }
}

/**
 * The length of the padding of a DATA or HEADERS frame (RFC 9113 §6.1).
 *
 * @throws {Http2Error} Of the connection, when the padding does not fit.
 */
export function checkPadding(header: FrameHeader, padLength: number): number {
  // "If the length of the padding is the length of the frame payload or greater, the recipient MUST treat this as a connection error of type PROTOCOL_ERROR" (§6.1)
  if (padLength < header.length) return padLength;
  throw connectionError(
    ErrorCode.PROTOCOL_ERROR,
    `Cannot read ${
      frameName(header.type)
    }: its padding of ${padLength} bytes does not fit`,
  );
}

/** The name of a frame type for people. */
export function frameName(type: number): string {
  const named = Object.entries(FrameType).find(([, value]) => value === type);
  return named?.[0] ?? `frame type ${type}`;
}

function needStream(header: FrameHeader): void {
  if (header.streamId === 0) throw wrongStream(header);
}

function needConnection(header: FrameHeader): void {
  if (header.streamId !== 0) throw wrongStream(header);
}

function needLength(header: FrameHeader, isRight: boolean): void {
  if (!isRight) throw wrongLength(header);
}

function wrongStream({ type, streamId }: FrameHeader): Error {
  return connectionError(
    ErrorCode.PROTOCOL_ERROR,
    `Cannot accept ${frameName(type)} on stream ${streamId}`,
  );
}

function wrongLength({ type, length }: FrameHeader): Error {
  return connectionError(
    ErrorCode.FRAME_SIZE_ERROR,
    `Cannot accept ${frameName(type)} of ${length} bytes`,
  );
}
