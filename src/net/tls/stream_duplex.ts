/**
 * A byte stream as Node's TLS wants it, with a brake for each direction.
 *
 * Node's TLS takes ciphertext as fast as it comes and says that plaintext is
 * written before its ciphertext is (Deno 2.9.6: its `readStop()` only sets
 * decrypted bytes aside, and any record that arrives completes a write). So the
 * two brakes are here, where the ciphertext passes.
 */
import { Duplex } from "node:stream";
import { type ByteStream, closeQuietly } from "../stream/byte_stream.ts";
import { writeAll } from "../stream/copy.ts";

/** Most connections of a test browser are idle, and an idle one holds this much. */
const FIRST_READ: number = 4 * 1024;
/** Four full TLS records (RFC 8446 §5.1). It bounds what one read decrypts to. */
const MAX_READ: number = 64 * 1024;

/** What the owner of a `StreamDuplex` wants to know. */
export interface StreamDuplexWatcher {
  /** Whether the next ciphertext may be read. Checked before each read, and after each `readOn()`. */
  mayRead(): boolean;
  /** The stream below has ended. The reader of the `Duplex` is not notified. */
  onEnd(): void;
}

/** The ciphertext side of a TLS connection. Destroying it closes the stream below at once. */
export class StreamDuplex extends Duplex {
  readonly #stream: ByteStream;
  readonly #watcher: StreamDuplexWatcher;
  #buffer = new Uint8Array(FIRST_READ);
  #isWanted = false;
  #isReading = false;
  #isWriting = false;
  #settling: PromiseWithResolvers<void> | undefined;

  /** @param stream Closed with it. */
  constructor(stream: ByteStream, watcher: StreamDuplexWatcher) {
    super({ allowHalfOpen: true, emitClose: true });
    this.#stream = stream;
    this.#watcher = watcher;
  }

  /** Reads on, if a read has waited for it and may be done now. */
  readOn(): void {
    if (!this.#isWanted || this.#isReading || this.destroyed) return;
    if (!this.#watcher.mayRead()) return;
    this.#isWanted = false;
    this.#isReading = true;
    this.#stream.read(this.#buffer).then(
      (count) => this.#take(count),
      (cause) => this.destroy(errorOf(cause)),
    );
  }

  /** Resolves when no write is open at the stream below, or it is closed. */
  written(): Promise<void> {
    if (!this.#isWriting || this.destroyed) return Promise.resolve();
    this.#settling ??= Promise.withResolvers();
    return this.#settling.promise;
  }

  /** Node asks for ciphertext: once, since it is never pushed. */
  override _read(): void {
    this.#isWanted = true;
    this.readOn();
  }

  /** Node has ciphertext. */
  override _write(
    chunk: Uint8Array,
    _encoding: string,
    done: (error?: Error) => void,
  ): void {
    this.#isWriting = true;
    writeAll(this.#stream, chunk).then(
      () => this.#wrote(done),
      (cause) => this.#wrote(done, errorOf(cause)),
    );
  }

  /** Node ends its direction. */
  override _final(done: (error?: Error) => void): void {
    this.#stream.closeWrite().then(
      () => done(),
      (cause) => done(errorOf(cause)),
    );
  }

  /** Closes the stream below. */
  override _destroy(
    error: Error | null,
    done: (error: Error | null) => void,
  ): void {
    closeQuietly(this.#stream);
    this.#settled();
    done(error);
  }

  #take(count: number | null): void {
    this.#isReading = false;
    if (this.destroyed) return;
    if (count === null) return this.#watcher.onEnd();
    // Past the queue of `Duplex`: Node takes a copy within this turn, a second one costs a fifth.
    this.emit("data", this.#buffer.subarray(0, count));
    if (count === this.#buffer.length && count < MAX_READ) {
      this.#buffer = new Uint8Array(count * 4);
    }
    this.#isWanted = true;
    this.readOn();
  }

  #wrote(done: (error?: Error) => void, error?: Error): void {
    this.#isWriting = false;
    // Node writes what it has kept before it reports that all is written.
    done(error);
    if (!this.#isWriting) this.#settled();
  }

  #settled(): void {
    this.#settling?.resolve();
    this.#settling = undefined;
  }
}

function errorOf(cause: unknown): Error {
  return cause instanceof Error ? cause : new Error(String(cause));
}
