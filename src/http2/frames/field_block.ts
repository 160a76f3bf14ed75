import { connectionError, ErrorCode, overLimit } from "../errors.ts";
import {
  checkPadding,
  Flag,
  type FrameHeader,
  frameName,
  FrameType,
  readUint31,
} from "./frame_header.ts";

/** Bytes of the priority fields of HEADERS. */
const PRIORITY_SIZE = 5;

/** A complete field block (RFC 9113 §4.3). */
export interface FieldBlock {
  readonly streamId: number;
  readonly endStream: boolean;
  /** Valid until another frame is read. */
  readonly bytes: Uint8Array;
  /** Whether its priority names its own stream, which is an error of the stream. */
  readonly dependsOnItself: boolean;
}

/** Bounds on an incomplete block. */
export interface FieldBlockAssemblerOptions {
  /** CONTINUATION frames of one block. */
  readonly maxContinuations: number;
  /** Compressed bytes of one block. Compression rarely makes a block longer, so twice the limit of its fields is generous. */
  readonly maxBytes: number;
}

/**
 * Assembles one field block at a time from HEADERS and CONTINUATION frames (RFC
 * 9113 §6.2, §6.10).
 */
export class FieldBlockAssembler {
  readonly #options: FieldBlockAssemblerOptions;
  #open: FieldBlock | undefined;
  #parts: Uint8Array[] = [];
  #bytes = 0;

  constructor(options: FieldBlockAssemblerOptions) {
    this.#options = options;
  }

  /**
   * Checks that an incomplete block is not interrupted: "Any other frame type
   * or any other stream MUST be treated as a connection error" (§6.2).
   */
  checkOrder({ type, streamId }: FrameHeader): void {
    const continues = type === FrameType.CONTINUATION;
    if (continues === (this.#open !== undefined)) {
      if (!continues || streamId === this.#open?.streamId) return;
    }
    throw connectionError(
      ErrorCode.PROTOCOL_ERROR,
      `Cannot accept ${frameName(type)} on stream ${streamId}: ${
        this.#open === undefined
          ? "no field block has begun"
          : `the field block of stream ${this.#open.streamId} is incomplete`
      }`,
    );
  }

  /** Takes HEADERS; returns the block when it is complete. */
  begin(header: FrameHeader, payload: Uint8Array): FieldBlock | undefined {
    const { start, end, dependsOnItself } = fragmentOf(header, payload);
    const block = {
      streamId: header.streamId,
      endStream: (header.flags & Flag.END_STREAM) !== 0,
      bytes: payload.subarray(start, end),
      dependsOnItself,
    };
    if ((header.flags & Flag.END_HEADERS) !== 0) return block;
    this.#open = block;
    this.#add(block.bytes);
    return undefined;
  }

  /** Takes CONTINUATION; returns the block when it is complete. */
  continue(header: FrameHeader, payload: Uint8Array): FieldBlock | undefined {
    const open = this.#open;
    if (open === undefined) return undefined;
    if (this.#parts.length > this.#options.maxContinuations) {
      throw overLimit("maxContinuations");
    }
    this.#add(payload);
    if ((header.flags & Flag.END_HEADERS) === 0) return undefined;
    const bytes = concat(this.#parts, this.#bytes);
    this.#open = undefined;
    this.#parts = [];
    this.#bytes = 0;
    return { ...open, bytes };
  }

  #add(part: Uint8Array): void {
    this.#bytes += part.length;
    if (this.#bytes > this.#options.maxBytes) {
      throw overLimit("maxFieldBlock");
    }
    this.#parts.push(part.slice());
  }
}

function fragmentOf(
  header: FrameHeader,
  payload: Uint8Array,
): { start: number; end: number; dependsOnItself: boolean } {
  let start = 0;
  let end = payload.length;
  if ((header.flags & Flag.PADDED) !== 0) {
    end -= checkPadding(header, payload[0] ?? 0);
    start = 1;
  }
  if ((header.flags & Flag.PRIORITY) === 0) {
    return { start, end, dependsOnItself: false };
  }
  if (start + PRIORITY_SIZE > end) {
    throw connectionError(
      ErrorCode.FRAME_SIZE_ERROR,
      `Cannot accept HEADERS of ${payload.length} bytes: its priority does not fit`,
    );
  }
  const dependency = readUint31(payload, start);
  const dependsOnItself = dependency === header.streamId;
  return { start: start + PRIORITY_SIZE, end, dependsOnItself };
}

function concat(parts: readonly Uint8Array[], length: number): Uint8Array {
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
