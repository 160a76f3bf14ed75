/**
 * Turns the bytes of a connection into frames: one read at a time into a large
 * buffer, everything parsed in place.
 *
 * Content does not wait for its frame to be whole: TLS gives 16 KiB at a time,
 * a frame may have four times that. All other frames are handed on whole.
 *
 * @module
 */
import type { ByteReader } from "../../net/stream/byte_stream.ts";
import { connectionError, ErrorCode, transportError } from "../errors.ts";
import {
  checkFrameHeader,
  checkPadding,
  CLIENT_PREFACE,
  Flag,
  type FrameHeader,
  FrameType,
  HEADER_SIZE,
  readFrameHeader,
} from "./frame_header.ts";
import type { ReadBuffer, ReadBufferPool } from "./read_buffer_pool.ts";

/** Room worth reading into: one TLS record. With less the next slab is begun. */
const MIN_READ = 16 * 1024 + 1024;

/** Who is told about frames; what it throws ends the reading. */
export interface FrameHandler {
  /** A whole frame of any type but DATA; `payload` is valid during the call only. */
  onFrame(header: FrameHeader, payload: Uint8Array): void;
  /** The beginning of a DATA frame; `padding` counts all bytes that are not content. */
  onData(header: FrameHeader, padding: number): void;
  /** Content of the DATA frame that has begun: `buffer` from `start` to `end`. */
  onContent(buffer: ReadBuffer, start: number, end: number): void;
  /** The end of the DATA frame that has begun. */
  onDataEnd(): void;
}

/** How a reader begins. */
export interface FrameReaderOptions {
  readonly readBuffers: ReadBufferPool;
  /** Longest payload we have announced to take. */
  readonly maxFrameSize: number;
  /** Whether the client's preface comes first. */
  readonly expectPreface: boolean;
}

/** Size of slabs for frames of up to `maxFrameSize`: a longest frame and another read fit. */
export function readBufferSize(maxFrameSize: number): number {
  return Math.max(256 * 1024, 2 * maxFrameSize);
}

/** Reads frames from a connection. */
export class FrameReader {
  readonly #readBuffers: ReadBufferPool;
  readonly #handler: FrameHandler;
  readonly #maxFrameSize: number;
  #buffer: ReadBuffer;
  /** Bytes of the slab that have come and are not parsed yet. */
  #start = 0;
  #end = 0;
  /** The frame whose payload is awaited; DATA while its content or padding is under way. */
  #header: FrameHeader | undefined;
  #contentLeft = 0;
  #paddingLeft = 0;
  #isContent = false;
  #awaitsPreface: boolean;
  #isMuted = false;
  #bytesReceived = 0;

  constructor(
    handler: FrameHandler,
    { readBuffers, maxFrameSize, expectPreface }: FrameReaderOptions,
  ) {
    this.#handler = handler;
    this.#readBuffers = readBuffers;
    this.#buffer = readBuffers.current;
    this.#maxFrameSize = maxFrameSize;
    this.#awaitsPreface = expectPreface;
  }

  /** Bytes taken from the connection. */
  get bytesReceived(): number {
    return this.#bytesReceived;
  }

  /** Whether the bytes so far end between two frames. */
  get isBetweenFrames(): boolean {
    return this.#start === this.#end && this.#header === undefined &&
      !this.#awaitsPreface;
  }

  /**
   * Reads until the connection's end.
   *
   * @throws What the connection or the handler throws, or an error of the connection for bytes that are no frames.
   */
  async run(conn: ByteReader): Promise<void> {
    for (;;) {
      this.#makeRoom();
      const length = await this.#read(conn);
      if (length === null) return;
      this.#end += length;
      while (!this.#isMuted && this.#step());
      if (this.#isMuted) this.#start = this.#end;
    }
  }

  /** Hands on nothing more, whatever comes. */
  mute(): void {
    this.#isMuted = true;
  }

  /** Reads on until the end without looking; what fails then is of no interest. */
  async discard(conn: ByteReader): Promise<void> {
    try {
      while (await conn.read(this.#buffer.bytes) !== null);
    } catch {
      // The connection ended by failing: that is an end, too.
    }
  }

  async #read(conn: ByteReader): Promise<number | null> {
    try {
      const into = this.#buffer.bytes.subarray(this.#end);
      const length = await conn.read(into);
      this.#bytesReceived += length ?? 0;
      return length;
    } catch (error) {
      throw transportError("read from", error);
    }
  }

  /** Moves what is not parsed to where a whole frame has room behind it. */
  #makeRoom(): void {
    const { bytes, views } = this.#buffer;
    const waiting = this.#end - this.#start;
    if (waiting === 0 && views === 0) {
      this.#start = this.#end = 0;
      return;
    }
    const needed = this.#header === undefined || this.#isContent
      ? HEADER_SIZE
      : this.#header.length;
    const hasRoom = bytes.length - this.#end >= MIN_READ &&
      bytes.length - this.#start >= needed;
    if (hasRoom) return;
    this.#buffer = this.#readBuffers.rotate();
    this.#buffer.bytes.set(bytes.subarray(this.#start, this.#end));
    this.#start = 0;
    this.#end = waiting;
  }

  /** Parses one thing; `false` when that takes more bytes. */
  #step(): boolean {
    if (this.#isContent) return this.#readContent();
    if (this.#awaitsPreface) return this.#readPreface();
    if (this.#header === undefined && !this.#readHeader()) return false;
    return this.#readPayload();
  }

  #readHeader(): boolean {
    if (this.#end - this.#start < HEADER_SIZE) return false;
    const header = readFrameHeader(this.#buffer.bytes, this.#start);
    checkFrameHeader(header, this.#maxFrameSize);
    this.#start += HEADER_SIZE;
    this.#header = header;
    return true;
  }

  #readPayload(): boolean {
    const header = this.#header;
    if (header === undefined) return false;
    if (header.type === FrameType.DATA) return this.#beginData(header);
    if (this.#end - this.#start < header.length) return false;
    const from = this.#start;
    this.#start += header.length;
    this.#header = undefined;
    this.#handler.onFrame(
      header,
      this.#buffer.bytes.subarray(from, from + header.length),
    );
    return true;
  }

  #beginData(header: FrameHeader): boolean {
    let padding = 0;
    if ((header.flags & Flag.PADDED) !== 0) {
      if (header.length > 0 && this.#start === this.#end) return false;
      const padLength = this.#buffer.bytes[this.#start] ?? 0;
      this.#paddingLeft = checkPadding(header, padLength);
      this.#start++;
      padding = 1 + padLength;
    }
    this.#contentLeft = header.length - padding;
    this.#isContent = true;
    this.#handler.onData(header, padding);
    return true;
  }

  #readContent(): boolean {
    const length = Math.min(this.#contentLeft, this.#end - this.#start);
    if (length > 0) {
      const from = this.#start;
      this.#start += length;
      this.#contentLeft -= length;
      this.#handler.onContent(this.#buffer, from, this.#start);
    }
    if (this.#contentLeft > 0) return false;
    const skipped = Math.min(this.#paddingLeft, this.#end - this.#start);
    this.#start += skipped;
    this.#paddingLeft -= skipped;
    if (this.#paddingLeft > 0) return false;
    this.#isContent = false;
    this.#header = undefined;
    this.#handler.onDataEnd();
    return true;
  }

  #readPreface(): boolean {
    const length = Math.min(this.#end - this.#start, CLIENT_PREFACE.length);
    for (let at = 0; at < length; at++) {
      if (this.#buffer.bytes[this.#start + at] !== CLIENT_PREFACE[at]) {
        throw connectionError(
          ErrorCode.PROTOCOL_ERROR,
          "Cannot begin HTTP/2: the peer's first bytes are not the client's preface",
        );
      }
    }
    if (length < CLIENT_PREFACE.length) return false;
    this.#start += length;
    this.#awaitsPreface = false;
    return true;
  }
}
