/**
 * Collects a header section and the start of the body, so that a small message
 * leaves in one write.
 */
import { TOKEN_BYTES, VALUE_BYTES } from "../../http/tokens.ts";
import type { ByteWriter } from "../../net/stream/byte_stream.ts";
import { writeAll } from "../../net/stream/copy.ts";

/** Holds any usual header section and the start of the body. */
const SMALL = 16 * 1024;
/** Two reads of a fast socket: one is written while the other comes in. */
const LARGE = 128 * 1024;
/** Buffers kept for later messages. The latest is still in the processor's cache. */
const MAX_POOLED = 64;

const NOTHING = new Uint8Array(0);

const smallPool: Uint8Array[] = [];
const largePool: Uint8Array[] = [];

/** The sink failed, as opposed to the body. */
export class WriteError extends Error {
  override readonly name = "WriteError";
}

/** Collects bytes and writes them together. */
export class OutputBuffer {
  readonly #sink: ByteWriter;
  #buffer: Uint8Array = smallPool.pop() ?? new Uint8Array(SMALL);
  #start = 0;
  #end = 0;

  /** @param sink Where the bytes go; it must have no other writer meanwhile. */
  constructor(sink: ByteWriter) {
    this.#sink = sink;
  }

  /** How many bytes are buffered. */
  get waiting(): number {
    return this.#end - this.#start;
  }

  /** The buffered bytes; valid until the next call. */
  get bytes(): Uint8Array {
    return this.#buffer.subarray(this.#start, this.#end);
  }

  /** Adds ASCII text without checking it. */
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
   * @throws {TypeError} When the name is not a token, or the value has CR, LF,
   * NUL or a character that is not ISO 8859-1. It would end the line or the
   * header section.
   */
  field(name: string, value: string): void {
    if (name === "") throw new TypeError("Cannot write a field without a name");
    this.checked(name, TOKEN_BYTES);
    this.literal(": ");
    this.checked(value, VALUE_BYTES);
    this.literal("\r\n");
  }

  /**
   * Adds text, checking that its characters are in `table`.
   *
   * @throws {TypeError} When one is not.
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
   * Free space to read a piece of a body into, at most `most` bytes. It leaves
   * `gap` bytes before it, behind the buffered bytes, and as many after it.
   */
  room(gap: number, most: number): Uint8Array {
    const start = this.#end + gap;
    const size = Math.min(most, LARGE / 2, this.#buffer.length - start - gap);
    return this.#buffer.subarray(start, start + size);
  }

  /** Whether space is so short that buffered bytes should be written before a read. */
  get isFull(): boolean {
    return this.#buffer.length - this.#end < this.#buffer.length / 4;
  }

  /** Adds the `count` bytes that were read into `room(0)`. */
  take(count: number): void {
    this.#end += count;
  }

  /**
   * Adds the `count` bytes that were read into `room(gap)`, with `before` in
   * the gap.
   *
   * The buffered bytes are moved up to it; they are a header section or small
   * chunks.
   */
  takeWithPrefix(before: string, count: number, gap: number): void {
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
   * Writes the buffered bytes. A pending read into `room` stays valid.
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
      throw new WriteError("Cannot write: the peer is gone", { cause });
    }
  }

  /** Starts at the front. Only after `flush`, and while nothing is read into `room`. */
  rewind(): void {
    this.#start = 0;
    this.#end = 0;
  }

  /** Takes a large buffer, for a long body. Only when nothing is buffered. */
  enlarge(): void {
    if (this.#buffer.length >= LARGE) return;
    const small = this.#buffer;
    this.#buffer = largePool.pop() ?? new Uint8Array(LARGE);
    giveBack(small);
    this.rewind();
  }

  /**
   * Returns the buffer to the pool. Only when nothing reads into it or writes
   * from it. After a failure it is left to the garbage collector.
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
    `Cannot write a message: the character U+${shown} is not allowed there`,
  );
}
