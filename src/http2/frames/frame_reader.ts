/**
 * Parses frames in place, out of one large buffer that the socket is read into.
 *
 * Content is passed on before its frame is complete: TLS delivers 16 KiB at a
 * time, and a frame may have four times that. Other frames are passed on
 * complete.
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

/** Space worth reading into: one TLS record. With less, another buffer is used. */
const MIN_READ = 16 * 1024 + 1024;

/** Receives the frames. An exception ends the reading. */
export interface FrameHandler {
  /** A complete frame of any type but DATA. `payload` is valid during the call only. */
  onFrame(header: FrameHeader, payload: Uint8Array): void;
  /** The start of a DATA frame. `padding` counts all bytes that are not content. */
  onData(header: FrameHeader, padding: number): void;
  /** Content of the current DATA frame: `buffer` from `start` to `end`. */
  onContent(buffer: ReadBuffer, start: number, end: number): void;
  /** The end of the current DATA frame. */
  onDataEnd(): void;
}

/** Options of a reader. */
export interface FrameReaderOptions {
  readonly readBuffers: ReadBufferPool;
  /** Longest payload that our SETTINGS allow. */
  readonly maxFrameSize: number;
  /** Whether the client's preface comes first. */
  readonly expectPreface: boolean;
}

/** Size of read buffers for frames of up to `maxFrameSize`: room for the longest frame and another read. */
export function readBufferSize(maxFrameSize: number): number {
  return Math.max(256 * 1024, 2 * maxFrameSize);
}

/** Reads frames from a connection. */
export class FrameReader {
  readonly #readBuffers: ReadBufferPool;
  readonly #handler: FrameHandler;
  readonly #maxFrameSize: number;
  #buffer: ReadBuffer;
  /** Bytes of the buffer that were read and are not parsed yet. */
  #start = 0;
  #end = 0;
  /** The frame whose payload is expected. DATA until its content and padding have come. */
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

  /** Bytes read from the connection. */
  get bytesReceived(): number {
    return this.#bytesReceived;
  }

  /** Whether the bytes so far end between two frames. */
  get isBetweenFrames(): boolean {
    return this.#start === this.#end && this.#header === undefined &&
      !this.#awaitsPreface;
  }

  /**
   * Reads until the connection ends.
   *
   * @throws What the connection or the handler throws, or an error of the
   * connection for bytes that are not frames.
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

  /** Passes on no further frames. */
  mute(): void {
    this.#isMuted = true;
  }

  /** Reads to the end and drops everything. Errors do not matter any more. */
  async discard(conn: ByteReader): Promise<void> {
    try {
      while (await conn.read(this.#buffer.bytes) !== null);
    } catch {
      // A failed connection has ended, too.
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

  /** Moves unparsed bytes to where a complete frame has space behind it. */
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

  /** Parses one element; `false` when more bytes are needed. */
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
          "Cannot start HTTP/2: the first bytes are not a client's preface",
        );
      }
    }
    if (length < CLIENT_PREFACE.length) return false;
    this.#start += length;
    this.#awaitsPreface = false;
    return true;
  }
}
