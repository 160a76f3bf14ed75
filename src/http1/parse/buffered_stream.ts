import {
  type ByteStream,
  type ByteWriter,
  closeQuietly,
  type WriterTo,
} from "../../net/stream/byte_stream.ts";
import { copy, writeAll } from "../../net/stream/copy.ts";
import type { BufferedReader } from "./buffered_reader.ts";

/** Buffered bytes are at most a part of one read. */
const PIECE = 4 * 1024;

/**
 * A connection whose first bytes were read already: buffered bytes first, then
 * the connection itself.
 */
export class BufferedStream implements ByteStream, WriterTo {
  readonly #reader: BufferedReader;
  readonly #conn: ByteStream;
  readonly #onClose: (() => void) | undefined;
  #isClosed = false;

  /** @param onClose Called once, when the stream is closed. */
  constructor(reader: BufferedReader, conn: ByteStream, onClose?: () => void) {
    this.#reader = reader;
    this.#conn = conn;
    this.#onClose = onClose;
  }

  read(into: Uint8Array): Promise<number | null> {
    if (this.#reader.isIdle && !this.#reader.isOver) {
      return this.#conn.read(into);
    }
    return this.#reader.read(into);
  }

  write(bytes: Uint8Array): Promise<number> {
    return this.#conn.write(bytes);
  }

  closeWrite(): Promise<void> {
    return this.#conn.closeWrite();
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    closeQuietly(this.#conn);
    this.#onClose?.();
  }

  async writeTo(sink: ByteWriter): Promise<number> {
    const piece = new Uint8Array(PIECE);
    let total = 0;
    while (!this.#reader.isIdle || this.#reader.isOver) {
      const count = await this.#reader.read(piece);
      if (count === null) return total;
      await writeAll(sink, piece.subarray(0, count));
      total += count;
    }
    return total + await copy(sink, this.#conn);
  }
}
