/** Frames as bytes. */
import { MAX_HEAD, writeHead } from "./frame_head.ts";
import { applyMask, randomMask } from "./mask.ts";

/** Frames up to this size go out in one write with others. */
const MAX_JOINED = 16 * 1024;

/** A frame to write. Messages leave in one frame, whatever they came in. */
export interface OutgoingFrame {
  readonly opcode: number;
  readonly payload: Uint8Array;
  /** Whether RSV1 is set. */
  readonly isCompressed: boolean;
}

/**
 * The bytes of `frames`, in few pieces. The payloads stay as they are.
 *
 * @param isMasked Whether frames are masked: those to a site, not those to a browser.
 */
export function* encodeFrames(
  frames: readonly OutgoingFrame[],
  isMasked: boolean,
): Generator<Uint8Array> {
  let joined = new Uint8Array(joinedSize(frames));
  let filled = 0;
  for (const { opcode, payload, isCompressed } of frames) {
    const isSmall = payload.length + MAX_HEAD <= MAX_JOINED;
    const size = MAX_HEAD + (isSmall ? payload.length : 0);
    if (filled + size > joined.length) {
      yield joined.subarray(0, filled);
      joined = new Uint8Array(MAX_JOINED);
      filled = 0;
    }
    const mask = isMasked ? randomMask() : undefined;
    filled += writeHead(joined.subarray(filled), {
      opcode,
      isCompressed,
      length: payload.length,
      mask,
    });
    if (isSmall) {
      const content = joined.subarray(filled, filled + payload.length);
      content.set(payload);
      if (mask !== undefined) applyMask(content, mask);
      filled += payload.length;
      continue;
    }
    yield joined.subarray(0, filled);
    joined = NOTHING;
    filled = 0;
    if (mask === undefined) yield payload;
    else yield* maskedPieces(payload, mask);
  }
  yield joined.subarray(0, filled);
}

const NOTHING = new Uint8Array(0);

function joinedSize(frames: readonly OutgoingFrame[]): number {
  const size = frames.reduce(
    (sum, { payload }) => sum + MAX_HEAD + payload.length,
    0,
  );
  return Math.min(size, MAX_JOINED);
}

function* maskedPieces(
  payload: Uint8Array,
  mask: Uint8Array,
): Generator<Uint8Array> {
  // A multiple of four: each piece begins with the first byte of the mask.
  for (let at = 0; at < payload.length; at += MAX_JOINED) {
    const piece = payload.slice(at, at + MAX_JOINED);
    applyMask(piece, mask);
    yield piece;
  }
}
