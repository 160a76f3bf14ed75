/**
 * Frames of the other end, made bit by bit: valid ones, and what no peer may send.
 *
 * @module
 */
import { concat } from "../testing/byte_scanner.ts";
import type { ByteReader } from "../../src/net/stream/byte_stream.ts";

/** One frame as it is sent. */
export interface RawFrame {
  readonly opcode: number;
  readonly payload?: Uint8Array | string;
  /** Default yes. */
  readonly isFinal?: boolean;
  /** The three reserved bits, RSV1 as 4. */
  readonly reserved?: number;
  /** Four bytes, or nothing. */
  readonly mask?: readonly number[] | undefined;
  /** 2 and 8 bytes: a length that is longer than it has to be. */
  readonly lengthBytes?: 0 | 2 | 8;
}

const encoder = new TextEncoder();

/** The bytes of a frame. */
export function rawFrame(frame: RawFrame): Uint8Array {
  const { opcode, isFinal = true, reserved = 0, mask } = frame;
  const payload = typeof frame.payload === "string"
    ? encoder.encode(frame.payload)
    : frame.payload ?? new Uint8Array(0);
  const { length } = payload;
  const lengthBytes = frame.lengthBytes ??
    (length < 126 ? 0 : length < 65_536 ? 2 : 8);
  const short = lengthBytes === 0 ? length : lengthBytes === 2 ? 126 : 127;
  const long = Array.from(
    { length: lengthBytes },
    (_, at) => Math.floor(length / 256 ** (lengthBytes - 1 - at)) % 256,
  );
  return concat([
    Uint8Array.of(
      (isFinal ? 128 : 0) + reserved * 16 + opcode,
      (mask ? 128 : 0) + short,
      ...long,
      ...mask ?? [],
    ),
    mask ? payload.map((byte, at) => byte ^ (mask[at % 4] ?? 0)) : payload,
  ]);
}

/** Gives `bytes` in reads of at most `size`, then ends. */
export function sourceOf(bytes: Uint8Array, size = Infinity): ByteReader {
  let at = 0;
  return {
    read(into) {
      if (at === bytes.length) return Promise.resolve(null);
      const part = bytes.subarray(at, at + Math.min(size, into.length));
      into.set(part);
      at += part.length;
      return Promise.resolve(part.length);
    },
  };
}
