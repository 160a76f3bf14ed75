/** The head of a frame (RFC 6455 §5.2): its bits, and how they are written. */
import { protocolError } from "../errors.ts";

/** Kinds of frames (RFC 6455 §5.2). */
export const Opcode = {
  continuation: 0x0,
  text: 0x1,
  binary: 0x2,
  close: 0x8,
  ping: 0x9,
  pong: 0xa,
} as const;

/** Bytes that a control frame carries at most (RFC 6455 §5.5). */
export const MAX_CONTROL = 125;

/** Bytes of the longest head: two, eight of the length, four of the mask. */
export const MAX_HEAD = 14;

const FINAL = 0x80;
const RSV1 = 0x40;
const RSV_OTHERS = 0x30;
const MASKED = 0x80;
const KNOWN: ReadonlySet<number> = new Set(Object.values(Opcode));

/** What stands before the payload of a frame. */
export interface FrameHead {
  readonly opcode: number;
  readonly isFinal: boolean;
  /** RSV1: the message that begins here is compressed (RFC 7692 §6). */
  readonly isCompressed: boolean;
  /** Of the payload, in bytes: at most 2^53. */
  readonly length: number;
  /** How the payload is masked; `undefined` if it is not. */
  readonly mask: Uint8Array | undefined;
  /** Bytes of the head itself. */
  readonly size: number;
}

/** Whether the frame is a control frame: it may stand between the fragments of a message. */
export function isControl(opcode: number): boolean {
  return opcode >= Opcode.close;
}

/**
 * Parses the head at the start of `bytes`.
 *
 * @returns `undefined` while it is not complete.
 * @throws {WebSocketError} When no frame begins so.
 */
export function parseHead(bytes: Uint8Array): FrameHead | undefined {
  const [first, second] = bytes;
  if (first === undefined || second === undefined) return undefined;
  const opcode = first & 0x0f;
  const isFinal = (first & FINAL) !== 0;
  const isCompressed = (first & RSV1) !== 0;
  if ((first & RSV_OTHERS) !== 0) throw protocolError("reserved bits are set");
  if (!KNOWN.has(opcode)) throw protocolError(`unknown opcode ${opcode}`);
  const short = second & 0x7f;
  if (isControl(opcode)) checkControl({ isFinal, isCompressed, short });
  const lengthSize = short === 126 ? 2 : short === 127 ? 8 : 0;
  const maskAt = 2 + lengthSize;
  const isMasked = (second & MASKED) !== 0;
  const size = maskAt + (isMasked ? 4 : 0);
  if (bytes.length < size) return undefined;
  return {
    opcode,
    isFinal,
    isCompressed,
    length: lengthSize === 0 ? short : readLength(bytes, lengthSize),
    mask: isMasked ? bytes.slice(maskAt, size) : undefined,
    size,
  };
}

function checkControl({ isFinal, isCompressed, short }: {
  readonly isFinal: boolean;
  readonly isCompressed: boolean;
  readonly short: number;
}): void {
  if (!isFinal) throw protocolError("a control frame is a fragment");
  if (short > MAX_CONTROL) throw protocolError("a control frame is too long");
  if (isCompressed) throw protocolError("a control frame is compressed");
}

/** The shortest form is a must (RFC 6455 §5.2): two forms would be two readings. */
function readLength(bytes: Uint8Array, size: number): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset + 2, size);
  if (size === 2) {
    const length = view.getUint16(0);
    if (length <= MAX_CONTROL) throw protocolError("a length is too long");
    return length;
  }
  const high = view.getUint32(0);
  const length = high * 2 ** 32 + view.getUint32(4);
  if (high >= 2 ** 31) throw protocolError("a length has its first bit set");
  if (length < 2 ** 16) throw protocolError("a length is too long");
  return length;
}

/** What {@linkcode writeHead} writes. */
export interface HeadToWrite {
  readonly opcode: number;
  readonly isCompressed: boolean;
  readonly length: number;
  readonly mask: Uint8Array | undefined;
}

/** Writes the head of a final frame to the start of `into`, which has room for {@linkcode MAX_HEAD} bytes. Returns its size. */
export function writeHead(
  into: Uint8Array,
  { opcode, isCompressed, length, mask }: HeadToWrite,
): number {
  const view = new DataView(into.buffer, into.byteOffset, MAX_HEAD);
  const masked = mask === undefined ? 0 : MASKED;
  view.setUint8(0, FINAL | (isCompressed ? RSV1 : 0) | opcode);
  let at = 2;
  if (length <= MAX_CONTROL) view.setUint8(1, masked | length);
  else if (length < 2 ** 16) {
    view.setUint8(1, masked | 126);
    view.setUint16(2, length);
    at = 4;
  } else {
    view.setUint8(1, masked | 127);
    view.setBigUint64(2, BigInt(length));
    at = 10;
  }
  if (mask === undefined) return at;
  into.set(mask, at);
  return at + mask.length;
}
