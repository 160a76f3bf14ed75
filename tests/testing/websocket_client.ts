/**
 * A browser's end of a WebSocket (RFC 6455), written by hand, so that a test
 * decides how it is requested and how its frames are cut.
 *
 * @module
 */
import { concat } from "./byte_scanner.ts";
import type { FieldLines } from "./received_content.ts";
import type { RawClient } from "./raw_client.ts";

/** What asks for a WebSocket. */
export const WEBSOCKET_FIELDS: FieldLines = [
  ["Connection", "Upgrade"],
  ["Upgrade", "websocket"],
  ["Sec-WebSocket-Version", "13"],
  // The example of RFC 6455 §1.3.
  ["Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="],
];

/** What a correct origin sends for that key. */
export const WEBSOCKET_ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

/** Kinds of frames. */
export const OPCODE = {
  continuation: 0x0,
  text: 0x1,
  binary: 0x2,
  close: 0x8,
  ping: 0x9,
  pong: 0xa,
} as const;

/** One frame. */
export interface WebSocketFrame {
  readonly opcode: number;
  readonly payload: Uint8Array;
  readonly isFinal?: boolean;
}

const MASK = [0x12, 0x34, 0x56, 0x78] as const;

/** Sends a frame, masked as a browser must. */
export async function sendFrame(
  raw: RawClient,
  { opcode, payload, isFinal = true }: WebSocketFrame,
): Promise<void> {
  const { byteLength } = payload;
  const head = new DataView(new ArrayBuffer(14));
  head.setUint8(0, (isFinal ? 0x80 : 0) | opcode);
  let at = 2;
  if (byteLength < 126) head.setUint8(1, 0x80 | byteLength);
  else if (byteLength < 65_536) {
    head.setUint8(1, 0x80 | 126);
    head.setUint16(at, byteLength);
    at += 2;
  } else {
    head.setUint8(1, 0x80 | 127);
    head.setBigUint64(at, BigInt(byteLength));
    at += 8;
  }
  const masked = payload.map((byte, index) => byte ^ (MASK[index % 4] ?? 0));
  const headBytes = new Uint8Array(head.buffer, 0, at);
  await raw.send(concat([headBytes, Uint8Array.from(MASK), masked]));
}

/** Reads a frame of an origin, which does not mask. */
export async function readFrame(raw: RawClient): Promise<WebSocketFrame> {
  const [first = 0, second = 0] = await raw.readExactly(2);
  const isFinal = (first & 0x80) !== 0;
  const opcode = first & 0x0f;
  if (second < 126) {
    return { isFinal, opcode, payload: await raw.readExactly(second) };
  }
  const bytes = await raw.readExactly(second === 126 ? 2 : 8);
  const length = bytes.reduce((sum, byte) => sum * 256 + byte, 0);
  return { isFinal, opcode, payload: await raw.readExactly(length) };
}
