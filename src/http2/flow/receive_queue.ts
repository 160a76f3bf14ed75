/**
 * The content of one stream between its arrival and its reader.
 *
 * A waiting reader gets the bytes at once. Otherwise pieces are queued, as
 * views of the read buffer or as copies (see `read_buffer_pool.ts`). The
 * stream's receive window bounds the bytes; joining small pieces bounds the
 * objects.
 */
import type { ByteWriter } from "../../net/stream/byte_stream.ts";
import { writeAll } from "../../net/stream/copy.ts";
import type { ReadBuffer, ReadBufferPool } from "../frames/read_buffer_pool.ts";

/** Smallest buffer for copies. A megabyte in frames of one byte is then a thousand objects, not a million. */
const MIN_COPY = 1024;

/** Copy buffers to keep for all streams: most copied contents are short, and soon read. */
const MAX_SPARE = 64;

const spare: Uint8Array[] = [];

interface Piece {
  readonly memory: Uint8Array;
  start: number;
  end: number;
  /** `undefined` when `memory` is our own copy. */
  readonly buffer: ReadBuffer | undefined;
}

interface Waiter {
  /** `undefined` when the reader only waits for something to be there. */
  readonly into: Uint8Array | undefined;
  resolve(length: number | null): void;
  reject(error: unknown): void;
}

/** Options of a queue. */
export interface ReceiveQueueOptions {
  readonly readBuffers: ReadBufferPool;
  /** Called with bytes that no longer take space: read or dropped. */
  onConsumed(length: number): void;
}

/** A queue of bytes with one reader, ended by `end()` or `fail()`. */
export class ReceiveQueue {
  readonly #readBuffers: ReadBufferPool;
  readonly #onConsumed: (length: number) => void;
  #pieces: Piece[] = [];
  #waiter: Waiter | undefined;
  #hasEnded = false;
  #error: Error | undefined;

  constructor({ readBuffers, onConsumed }: ReceiveQueueOptions) {
    this.#readBuffers = readBuffers;
    this.#onConsumed = onConsumed;
  }

  /** Whether nothing is left to read and nothing will come. */
  get isDone(): boolean {
    return this.#hasEnded && this.#pieces.length === 0;
  }

  /** Adds the bytes of `buffer` from `start` to `end`. */
  push(buffer: ReadBuffer, start: number, end: number): void {
    const waiter = this.#waiter;
    if (waiter === undefined) return this.#queue(buffer, start, end);
    this.#waiter = undefined;
    if (waiter.into === undefined) {
      this.#queue(buffer, start, end);
      return waiter.resolve(0);
    }
    const length = Math.min(end - start, waiter.into.length);
    waiter.into.set(buffer.bytes.subarray(start, start + length));
    if (start + length < end) this.#queue(buffer, start + length, end);
    this.#onConsumed(length);
    waiter.resolve(length);
  }

  /** Ends the content. The reader gets `null` after the queued bytes. */
  end(): void {
    this.#hasEnded = true;
    this.#waiter?.resolve(null);
    this.#waiter = undefined;
  }

  /** Cuts the content short: queued bytes are dropped and the reader gets `error`. */
  fail(error: Error): void {
    this.#error ??= error;
    this.#waiter?.reject(this.#error);
    this.#waiter = undefined;
    this.#drop();
  }

  /** Fills `into` with what is there, or waits for content. */
  read(into: Uint8Array): Promise<number | null> {
    if (this.#pieces.length > 0 && this.#error === undefined) {
      return Promise.resolve(this.#copyTo(into));
    }
    return this.#wait(into);
  }

  /** Writes all content to `sink`, as views where possible; returns the number of bytes. */
  async writeTo(sink: ByteWriter): Promise<number> {
    let total = 0;
    while (
      this.#pieces.length > 0 || await this.#wait(undefined) !== null
    ) {
      const piece = this.#pieces.shift();
      if (piece === undefined) continue;
      const length = piece.end - piece.start;
      try {
        await writeAll(sink, piece.memory.subarray(piece.start, piece.end));
      } finally {
        this.#release(piece);
        this.#onConsumed(length);
      }
      total += length;
    }
    return total;
  }

  #wait(into: Uint8Array | undefined): Promise<number | null> {
    if (this.#error !== undefined) return Promise.reject(this.#error);
    if (this.#hasEnded) return Promise.resolve(null);
    if (this.#waiter !== undefined) {
      return Promise.reject(
        new TypeError("Cannot read the stream: another read is waiting"),
      );
    }
    return new Promise((resolve, reject) => {
      this.#waiter = { into, resolve, reject };
    });
  }

  #queue(buffer: ReadBuffer, start: number, end: number): void {
    const length = end - start;
    const last = this.#pieces.at(-1);
    if (last?.buffer === buffer && last.end === start) {
      last.end = end;
      return;
    }
    if (last !== undefined && last.buffer === undefined) {
      if (last.memory.length - last.end >= length) {
        last.memory.set(buffer.bytes.subarray(start, end), last.end);
        last.end += length;
        return;
      }
    }
    if (this.#readBuffers.shouldView(length)) {
      this.#readBuffers.hold(buffer);
      this.#pieces.push({ memory: buffer.bytes, start, end, buffer });
      return;
    }
    const memory = takeMemory(length);
    memory.set(buffer.bytes.subarray(start, end));
    this.#pieces.push({ memory, start: 0, end: length, buffer: undefined });
  }

  #copyTo(into: Uint8Array): number {
    let copied = 0;
    for (let piece = this.#pieces[0]; piece !== undefined;) {
      const length = Math.min(piece.end - piece.start, into.length - copied);
      into.set(
        piece.memory.subarray(piece.start, piece.start + length),
        copied,
      );
      piece.start += length;
      copied += length;
      if (piece.start < piece.end) break;
      this.#release(piece);
      this.#pieces.shift();
      piece = this.#pieces[0];
    }
    this.#onConsumed(copied);
    return copied;
  }

  #drop(): void {
    const pieces = this.#pieces;
    this.#pieces = [];
    let dropped = 0;
    for (const piece of pieces) {
      dropped += piece.end - piece.start;
      this.#release(piece);
    }
    if (dropped > 0) this.#onConsumed(dropped);
  }

  #release({ buffer, memory }: Piece): void {
    if (buffer !== undefined) this.#readBuffers.release(buffer);
    else if (memory.length === MIN_COPY && spare.length < MAX_SPARE) {
      spare.push(memory);
    }
  }
}

function takeMemory(length: number): Uint8Array {
  if (length > MIN_COPY) return new Uint8Array(length);
  return spare.pop() ?? new Uint8Array(MIN_COPY);
}
