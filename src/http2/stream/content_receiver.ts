import type { ByteWriter } from "../../net/stream/byte_stream.ts";
import { ErrorCode, streamError } from "../errors.ts";
import { ReceiveQueue } from "../flow/receive_queue.ts";
import type { ReceiveWindow } from "../flow/receive_window.ts";
import type { ReadBuffer, ReadBufferPool } from "../frames/read_buffer_pool.ts";

/** Options of the receiving half of a stream. */
export interface ContentReceiverOptions {
  readonly readBuffers: ReadBufferPool;
  readonly window: ReceiveWindow;
  /** Called with bytes that were read or dropped. `increment` is what to raise the peer's window by, or 0. */
  onConsumed(length: number, increment: number): void;
}

/**
 * The receiving half of a stream: its content, the length it should have, its
 * window, and its trailers.
 */
export class ContentReceiver {
  readonly #window: ReceiveWindow;
  readonly #queue: ReceiveQueue;
  /** Bytes still missing from "content-length"; `undefined` without such a field. */
  #expectedLeft: number | undefined;
  #trailers: readonly string[] | undefined;

  constructor({ readBuffers, window, onConsumed }: ContentReceiverOptions) {
    this.#window = window;
    this.#queue = new ReceiveQueue({
      readBuffers,
      onConsumed: (length) => onConsumed(length, window.restore(length)),
    });
  }

  /** Fields after the content, once they have come. */
  get trailers(): readonly string[] | undefined {
    return this.#trailers;
  }

  /** Whether nothing is left to read and nothing will come. */
  get isDone(): boolean {
    return this.#queue.isDone;
  }

  /** Sets the length of the content, from "content-length". */
  expectLength(contentLength: number | undefined): void {
    this.#expectedLeft = contentLength;
  }

  /**
   * Starts a DATA frame.
   *
   * @returns What to raise the peer's window by for the padding, or 0.
   * @throws {Http2Error} Of the stream, when the frame exceeds the window.
   */
  begin(length: number, padding: number): number {
    if (!this.#window.consume(length)) {
      throw streamError(
        ErrorCode.FLOW_CONTROL_ERROR,
        `Cannot accept DATA of ${length} bytes: the stream's window is used up`,
      );
    }
    if (this.#expectedLeft !== undefined) {
      this.#expectedLeft -= length - padding;
      if (this.#expectedLeft < 0) throw wrongLength("longer");
    }
    return padding === 0 ? 0 : this.#window.restore(padding);
  }

  /** Receives content: `buffer` from `start` to `end`. */
  push(buffer: ReadBuffer, start: number, end: number): void {
    this.#queue.push(buffer, start, end);
  }

  /**
   * Ends the content.
   *
   * @throws {Http2Error} Of the stream, when it is shorter than
   * "content-length" (§8.1.1).
   */
  end(trailers?: readonly string[]): void {
    if (this.#expectedLeft !== undefined && this.#expectedLeft !== 0) {
      throw wrongLength("shorter");
    }
    this.#trailers = trailers;
    this.#queue.end();
  }

  /** Cuts the content short. */
  fail(error: Error): void {
    this.#queue.fail(error);
  }

  /** Nothing more comes: other windows may grow instead. */
  release(): void {
    this.#window.releaseGrowth();
  }

  /** See {@linkcode ReceiveQueue.read}. */
  read(into: Uint8Array): Promise<number | null> {
    return this.#queue.read(into);
  }

  /** See {@linkcode ReceiveQueue.writeTo}. */
  writeTo(sink: ByteWriter): Promise<number> {
    return this.#queue.writeTo(sink);
  }
}

/** "A request or response is also malformed if the value of a content-length header field does not equal the sum of the DATA frame payload lengths" (§8.1.1) */
function wrongLength(state: "longer" | "shorter"): Error {
  return streamError(
    ErrorCode.PROTOCOL_ERROR,
    `Cannot accept the content: it is ${state} than "content-length"`,
  );
}
