/**
 * What is to be written next: a head, and behind it pieces of the body, so that
 * a small message leaves in one write.
 *
 * @module
 */
import { TOKEN_BYTES, VALUE_BYTES } from "../../http/tokens.ts";
import type { ByteWriter } from "../../net/stream/byte_stream.ts";
import { writeAll } from "../../net/stream/copy.ts";

/** Holds any usual head and the beginning of the body. */
const SMALL = 16 * 1024;
/** Two reads of a fast socket: one can be written while the next comes in. */
const LARGE = 128 * 1024;
/** Buffers kept for the next message; the one used last is still in the cache of the processor. */
const MAX_POOLED = 64;

const NOTHING = new Uint8Array(0);

const smallPool: Uint8Array[] = [];
const largePool: Uint8Array[] = [];

/** A writer failed: told apart from a body that did. */
export class WriteError extends Error {
  override readonly name = "WriteError";
}

/** Collects bytes and writes them together. */
export class OutputBuffer {
  readonly #sink: ByteWriter;
  #buffer: Uint8Array = smallPool.pop() ?? new Uint8Array(SMALL);
  #start = 0;
  #end = 0;

  /** @param sink Where the bytes go; written by nobody else meanwhile. */
  constructor(sink: ByteWriter) {
    this.#sink = sink;
  }

  /** How many bytes wait to be written. */
  get waiting(): number {
    return this.#end - this.#start;
  }

  /** The bytes that wait; valid until the next call. */
  get bytes(): Uint8Array {
    return this.#buffer.subarray(this.#start, this.#end);
  }

  /** Adds ASCII text that is known to be right. */
  literal(text: string): void {
    this.#ensure(text.length);
    const buffer = this.#buffer;
    let end = this.#end;
    for (let at = 0; at < text.length; at++) {
      buffer[end++] = text.charCodeAt(at);
    }
    this.#end = end;
  }

  /**
   * Adds a field line.
   *
   * @throws {TypeError} When the name is no token, or the value has CR, LF, NUL
   * or a character that is not ISO 8859-1: it would end the line, or the head.
   */
  field(name: string, value: string): void {
    if (name === "") throw new TypeError("Cannot write a field without a name");
    this.checked(name, TOKEN_BYTES);
    this.literal(": ");
    this.checked(value, VALUE_BYTES);
    this.literal("\r\n");
  }

  /**
   * Adds text of the characters in `table`.
   *
   * @throws {TypeError} When another character is in it.
   */
  checked(text: string, table: Readonly<Uint8Array>): void {
    this.#ensure(text.length);
    const buffer = this.#buffer;
    let end = this.#end;
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (table[code] !== 1) throw badCharacter(code);
      buffer[end++] = code;
    }
    this.#end = end;
  }

  /**
   * Where the next piece of a body may be read to, `gap` bytes behind what
   * waits and with as many left behind it; at most `most` bytes.
   */
  room(gap: number, most: number): Uint8Array {
    const start = this.#end + gap;
    const size = Math.min(most, LARGE / 2, this.#buffer.length - start - gap);
    return this.#buffer.subarray(start, start + size);
  }

  /** Whether so little room is left that what waits should be written before the next read. */
  get isFull(): boolean {
    return this.#buffer.length - this.#end < this.#buffer.length / 4;
  }

  /** Adds the `count` bytes that were read into `room(0)`. */
  take(count: number): void {
    this.#end += count;
  }

  /**
   * Adds the `count` bytes that were read into `room(gap)`, with `before` in the gap.
   *
   * What waits is moved up to it; it is a head, or a few small chunks.
   */
  takeBehind(before: string, count: number, gap: number): void {
    const shift = gap - before.length;
    if (this.waiting > 0 && shift > 0) {
      this.#buffer.copyWithin(this.#start + shift, this.#start, this.#end);
    }
    this.#start += shift;
    this.#end += shift;
    this.literal(before);
    this.#end += count;
  }

  /**
   * Writes what waits. A read into `room` may be under way: it stays where it is.
   *
   * @throws {WriteError}
   */
  async flush(): Promise<void> {
    const bytes = this.bytes;
    this.#start = this.#end;
    if (bytes.length === 0) return;
    try {
      await writeAll(this.#sink, bytes);
    } catch (cause) {
      throw new WriteError("Cannot write: the other side is gone", { cause });
    }
  }

  /** Begins at the front again. Only after `flush`, and while nothing is read into `room`. */
  rewind(): void {
    this.#start = 0;
    this.#end = 0;
  }

  /** Takes a large buffer instead of a small one, when nothing waits: the body is a long one. */
  enlarge(): void {
    if (this.#buffer.length >= LARGE) return;
    const small = this.#buffer;
    this.#buffer = largePool.pop() ?? new Uint8Array(LARGE);
    giveBack(small);
    this.rewind();
  }

  /**
   * Gives the memory back. Only when nothing reads into it or writes from it
   * any more; after a failure it is left to the garbage collector.
   */
  release(): void {
    giveBack(this.#buffer);
    this.#buffer = NOTHING;
    this.rewind();
  }

  #ensure(count: number): void {
    if (this.#buffer.length - this.#end >= count) return;
    const bigger = new Uint8Array((this.#buffer.length + count) * 2);
    bigger.set(this.bytes, this.#start);
    this.#buffer = bigger;
  }
}

function giveBack(buffer: Uint8Array): void {
  const pool = buffer.length === SMALL
    ? smallPool
    : buffer.length === LARGE
    ? largePool
    : undefined;
  if (pool !== undefined && pool.length < MAX_POOLED) pool.push(buffer);
}

function badCharacter(code: number): TypeError {
  const shown = code.toString(16).toUpperCase().padStart(4, "0");
  return new TypeError(
    `Cannot write a message: the character U+${shown} may not stand there`,
  );
}
