/**
 * The reading side of one connection. Header sections and chunk lines are
 * parsed in its buffer; bodies bypass the buffer when it is empty.
 *
 * Reading ahead monitors an idle or waiting connection. The read that monitors
 * becomes the read of the following message, so monitoring costs nothing.
 */
import type { ByteReader } from "../../net/stream/byte_stream.ts";

/** Most header sections are below 2 KiB; an idle connection keeps this much. */
const FIRST_CAPACITY = 8 * 1024;

/** Notified of reads that no caller waits for. */
export interface ReadWatcher {
  /** The connection broke instead of ending in order. Called once. */
  onBreak(cause: unknown): void;
  /** A read into the buffer has ended, successfully or not. */
  onReadAhead(): void;
}

/** Reads a connection; one reader at a time. */
export class BufferedReader implements ByteReader {
  readonly #source: ByteReader;
  #buffer: Uint8Array = new Uint8Array(FIRST_CAPACITY);
  #start = 0;
  #end = 0;
  #ended = false;
  #failure: { readonly cause: unknown } | undefined;
  #pending: Promise<void> | undefined;

  /**
   * Notified about this connection. It is an object because functions cost
   * memory: with two functions for each exchange, a request through
   * `serveHttp1` left about 1,000 bytes to V8's old generation; with the
   * object, 50.
   */
  watcher: ReadWatcher | undefined;

  /** @param source The connection; it must have no other reader. */
  constructor(source: ByteReader) {
    this.#source = source;
  }

  /** The buffer; unread bytes are between `start` and `end`. */
  get buffer(): Uint8Array {
    return this.#buffer;
  }

  /** Start of the unread bytes. */
  get start(): number {
    return this.#start;
  }

  /** End of the unread bytes. */
  get end(): number {
    return this.#end;
  }

  /** How many bytes can be read without waiting. */
  get buffered(): number {
    return this.#end - this.#start;
  }

  /** Whether the connection has ended or broken; bytes may still be buffered. */
  get isOver(): boolean {
    return this.#ended || this.#failure !== undefined;
  }

  /** Whether the connection may be read directly: nothing is buffered, and no read is pending. */
  get isIdle(): boolean {
    return this.#pending === undefined && this.#start === this.#end;
  }

  /** Consumes `count` buffered bytes. */
  skip(count: number): void {
    this.#start += count;
  }

  /** Starts a read into the buffer, unless one is pending or the buffer is full. Never throws. */
  readAhead(): void {
    if (this.#pending !== undefined || this.isOver) return;
    this.#compact();
    if (this.#end === this.#buffer.length) return;
    this.#pending = this.#source.read(this.#buffer.subarray(this.#end))
      .then(this.#onRead, this.#onBreak);
  }

  /**
   * Waits for more bytes in the buffer. A full buffer grows: the caller bounds
   * how much is buffered.
   *
   * @returns `false` at the end.
   * @throws What the connection throws.
   */
  async fill(): Promise<boolean> {
    const before = this.buffered;
    if (this.#pending === undefined) {
      this.#compact();
      if (this.#end === this.#buffer.length) this.#grow();
      this.readAhead();
    }
    await this.#pending;
    if (this.buffered > before) return true;
    if (this.#failure !== undefined) throw this.#failure.cause;
    return false;
  }

  /** Reads buffered bytes first, then directly from the connection. */
  async read(into: Uint8Array): Promise<number | null> {
    if (this.#start === this.#end) {
      if (this.#pending !== undefined) await this.#pending;
      if (this.#start === this.#end) return await this.#readDirectly(into);
    }
    const count = Math.min(into.length, this.#end - this.#start);
    into.set(this.#buffer.subarray(this.#start, this.#start + count));
    this.#start += count;
    return count;
  }

  /** Resolves when no read is pending; at once after the connection was closed. */
  async settled(): Promise<void> {
    await this.#pending;
  }

  async #readDirectly(into: Uint8Array): Promise<number | null> {
    if (this.#failure !== undefined) throw this.#failure.cause;
    if (this.#ended) return null;
    try {
      const count = await this.#source.read(into);
      if (count === null) this.#ended = true;
      return count;
    } catch (cause) {
      this.#onBreak(cause);
      throw cause;
    }
  }

  readonly #onRead = (count: number | null): void => {
    this.#pending = undefined;
    if (count === null) this.#ended = true;
    else this.#end += count;
    this.watcher?.onReadAhead();
  };

  readonly #onBreak = (cause: unknown): void => {
    this.#pending = undefined;
    this.#failure = { cause };
    this.watcher?.onBreak(cause);
    this.watcher?.onReadAhead();
  };

  /** Moves buffered bytes to the front. Only while no read is pending. */
  #compact(): void {
    if (this.#start === 0) return;
    if (this.#start === this.#end) {
      // A buffer that grew for one large header section is not kept for the next hour.
      if (this.#buffer.length > FIRST_CAPACITY) {
        this.#buffer = new Uint8Array(FIRST_CAPACITY);
      }
    } else {
      this.#buffer.copyWithin(0, this.#start, this.#end);
    }
    this.#end -= this.#start;
    this.#start = 0;
  }

  #grow(): void {
    const bigger = new Uint8Array(this.#buffer.length * 2);
    bigger.set(this.#buffer.subarray(0, this.#end));
    this.#buffer = bigger;
  }
}
