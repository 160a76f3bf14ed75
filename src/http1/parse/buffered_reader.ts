/**
 * The reading side of one connection: one buffer that heads and chunk lines are
 * parsed in, and that bodies go round when it is empty.
 *
 * Reading ahead is how an idle or waiting connection is watched: the one read
 * that is under way becomes the read of the next message, so that watching
 * costs nothing.
 *
 * @module
 */
import type { ByteReader } from "../../net/byte_stream.ts";

/** Most heads are below 2 KiB; an idle connection keeps this much. */
const FIRST_CAPACITY = 8 * 1024;

/** Who is told of what happens while nobody waits for bytes. */
export interface ReadWatcher {
  /** The connection broke; it did not end in order. Called once. */
  onBreak(cause: unknown): void;
  /** A read into the buffer has come to an end, whichever. */
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
   * Told of this connection. An object and not functions: with two made for
   * each exchange and kept here, a request through `serveHttp1` left about 1,000
   * bytes to V8's old generation, and with the object 50.
   */
  watcher: ReadWatcher | undefined;

  /** @param source The connection; read by nobody else. */
  constructor(source: ByteReader) {
    this.#source = source;
  }

  /** The buffer; what has not been taken lies from `start` to `end`. */
  get buffer(): Uint8Array {
    return this.#buffer;
  }

  /** Where the bytes that have not been taken begin. */
  get start(): number {
    return this.#start;
  }

  /** Where they end. */
  get end(): number {
    return this.#end;
  }

  /** How many bytes can be taken without waiting. */
  get buffered(): number {
    return this.#end - this.#start;
  }

  /** Whether the other side has ended or broken the connection; bytes may still be buffered. */
  get isOver(): boolean {
    return this.#ended || this.#failure !== undefined;
  }

  /** Whether the connection may be read directly: nothing is buffered, no read under way. */
  get isIdle(): boolean {
    return this.#pending === undefined && this.#start === this.#end;
  }

  /** Takes `count` buffered bytes: they are not seen again. */
  skip(count: number): void {
    this.#start += count;
  }

  /** Starts to read into the buffer unless it is full or that is under way. Never throws. */
  readAhead(): void {
    if (this.#pending !== undefined || this.isOver) return;
    this.#compact();
    if (this.#end === this.#buffer.length) return;
    this.#pending = this.#source.read(this.#buffer.subarray(this.#end))
      .then(this.#onRead, this.#onBreak);
  }

  /**
   * Waits until there are more bytes in the buffer, which grows when it is full:
   * the caller bounds how much it lets pile up.
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

  /** Buffered bytes first; then straight from the connection. */
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

  /** Resolves when no read is under way; after closing the connection, at once. */
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

  /** Moves what is buffered to the front. Only while no read is under way. */
  #compact(): void {
    if (this.#start === 0) return;
    if (this.#start === this.#end) {
      // A buffer that grew for one big head is not kept for the next hour.
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
