/** Reads frames: the head first, then its payload to where the caller wants it. */
import type { ByteReader } from "../../net/stream/byte_stream.ts";
import { protocolError } from "../errors.ts";
import { type FrameHead, MAX_HEAD, parseHead } from "./frame_head.ts";
import { applyMask } from "./mask.ts";

/** Read ahead of the caller: many small messages at once, and little for each WebSocket that is idle. */
const BUFFER_SIZE = 16 * 1024;

/** Reads the frames of one side. */
export class WebSocketFrameReader {
  readonly #source: ByteReader;
  readonly #isMasked: boolean;
  readonly #buffer = new Uint8Array(BUFFER_SIZE);
  #start = 0;
  #end = 0;

  /** @param isMasked Whether the side must mask its frames (a browser), or must not (a site). */
  constructor(source: ByteReader, isMasked: boolean) {
    this.#source = source;
    this.#isMasked = isMasked;
  }

  /** Whether the last frame of a message, or a control frame, was read already. */
  get hasFinalFrame(): boolean {
    const bytes = this.#buffer.subarray(this.#start, this.#end);
    const head = headOrNothing(bytes);
    return head !== undefined && head.isFinal &&
      bytes.length >= head.size + head.length;
  }

  /**
   * Reads the head of the next frame. The caller reads the payload next.
   *
   * @returns `undefined` when the side has ended between two frames.
   * @throws {WebSocketError} When no frame begins so.
   * @throws What the source throws; an error when it ends inside the head.
   */
  async readHead(): Promise<FrameHead | undefined> {
    for (;;) {
      const head = this.#parse();
      if (head !== undefined) {
        this.#start += head.size;
        return head;
      }
      if (await this.#fill()) continue;
      if (this.#start === this.#end) return undefined;
      throw cutShort();
    }
  }

  /**
   * Reads the next part of the frame's payload, unmasked, and fills `into`.
   *
   * @param offset Where the part begins in the payload.
   * @throws What the source throws; an error when it ends inside the payload.
   */
  async readPayload(
    into: Uint8Array,
    { mask }: FrameHead,
    offset = 0,
  ): Promise<void> {
    const buffered = Math.min(into.length, this.#end - this.#start);
    into.set(this.#buffer.subarray(this.#start, this.#start + buffered));
    this.#start += buffered;
    let filled = buffered;
    while (filled < into.length) {
      const count = await this.#source.read(into.subarray(filled));
      if (count === null) throw cutShort();
      filled += count;
    }
    if (mask !== undefined) applyMask(into, mask, offset);
  }

  /**
   * Reads some of the frame's payload, unmasked: what has come, at least a byte.
   *
   * @param into At most as long as what is left of the payload.
   * @param offset Where this part begins in the payload.
   * @returns How many bytes were read.
   * @throws What the source throws; an error when it ends inside the payload.
   */
  async readSome(
    into: Uint8Array,
    { mask }: FrameHead,
    offset: number,
  ): Promise<number> {
    let count: number | null = Math.min(into.length, this.#end - this.#start);
    if (count > 0) {
      into.set(this.#buffer.subarray(this.#start, this.#start + count));
      this.#start += count;
    } else {
      count = await this.#source.read(into);
      if (count === null) throw cutShort();
    }
    if (mask !== undefined) applyMask(into.subarray(0, count), mask, offset);
    return count;
  }

  #parse(): FrameHead | undefined {
    const head = parseHead(
      this.#buffer.subarray(
        this.#start,
        Math.min(this.#end, this.#start + MAX_HEAD),
      ),
    );
    if (head === undefined || (head.mask !== undefined) === this.#isMasked) {
      return head;
    }
    throw protocolError(
      this.#isMasked ? "a frame is not masked" : "a frame is masked",
    );
  }

  async #fill(): Promise<boolean> {
    this.#buffer.copyWithin(0, this.#start, this.#end);
    this.#end -= this.#start;
    this.#start = 0;
    const count = await this.#source.read(this.#buffer.subarray(this.#end));
    this.#end += count ?? 0;
    return count !== null;
  }
}

function cutShort(): Error {
  return new Deno.errors.UnexpectedEof("The WebSocket ends inside a frame");
}

/** Reading the frame reports what is wrong with it. */
function headOrNothing(bytes: Uint8Array): FrameHead | undefined {
  try {
    return parseHead(bytes);
  } catch {
    return undefined;
  }
}
