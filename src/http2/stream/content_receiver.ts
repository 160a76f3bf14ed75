/**
 * The receiving half of a stream: its content, how much of it was announced,
 * how much the peer may send, and the trailers at its end.
 *
 * @module
 */
import type { ByteWriter } from "../../net/stream/byte_stream.ts";
import { ErrorCode, streamError } from "../errors.ts";
import { ReceiveQueue } from "../flow/receive_queue.ts";
import type { ReceiveWindow } from "../flow/receive_window.ts";
import type { ReadBuffer, ReadBufferPool } from "../frames/read_buffer_pool.ts";

/** What the receiving half of a stream needs. */
export interface ContentReceiverOptions {
  readonly readBuffers: ReadBufferPool;
  readonly window: ReceiveWindow;
  /** Told about bytes that are taken by the reader or given up; `increment` says by how much to raise the peer's window, or 0. */
  onConsumed(length: number, increment: number): void;
}

/** Receives the content of one stream. */
export class ContentReceiver {
  readonly #window: ReceiveWindow;
  readonly #queue: ReceiveQueue;
  /** Bytes of content that were announced and have not come; `undefined` when nothing was announced. */
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

  /** Whether nothing is left to read or to come. */
  get isDone(): boolean {
    return this.#queue.isDone;
  }

  /** Says how many bytes of content "content-length" announces. */
  expectLength(contentLength: number | undefined): void {
    this.#expectedLeft = contentLength;
  }

  /**
   * Begins a DATA frame.
   *
   * @returns By how much to raise the peer's window for the padding, or 0.
   * @throws {Http2Error} Of the stream, when the peer may not send that much.
   */
  begin(length: number, padding: number): number {
    if (!this.#window.consume(length)) {
      throw streamError(
        ErrorCode.FLOW_CONTROL_ERROR,
        `Cannot take DATA of ${length} bytes: the stream's window is used up`,
      );
    }
    if (this.#expectedLeft !== undefined) {
      this.#expectedLeft -= length - padding;
      if (this.#expectedLeft < 0) throw wrongLength("more");
    }
    return padding === 0 ? 0 : this.#window.restore(padding);
  }

  /** Takes content: `buffer` from `start` to `end`. */
  push(buffer: ReadBuffer, start: number, end: number): void {
    this.#queue.push(buffer, start, end);
  }

  /**
   * Ends the content.
   *
   * @throws {Http2Error} Of the stream, when less came than was announced (§8.1.1).
   */
  end(trailers?: readonly string[]): void {
    if (this.#expectedLeft !== undefined && this.#expectedLeft !== 0) {
      throw wrongLength("less");
    }
    this.#trailers = trailers;
    this.#queue.end();
  }

  /** Cuts the content short. */
  fail(error: Error): void {
    this.#queue.fail(error);
  }

  /** Nothing more will come: others may have what the window has grown by. */
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
function wrongLength(state: "more" | "less"): Error {
  return streamError(
    ErrorCode.PROTOCOL_ERROR,
    `Cannot take the content: ${state} than "content-length" has come`,
  );
}
