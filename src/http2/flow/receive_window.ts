/**
 * Flow control of what we receive: how much the peer may still send, and when
 * to tell it that it may send more (RFC 9113 §5.2, §6.9).
 *
 * Credit is given back in steps of half a window, so that a WINDOW_UPDATE comes
 * once in hundreds of DATA frames. How large a window is changes with them: see
 * `window_size.ts`.
 *
 * @module
 */
import { type WindowGrowth, WindowSize } from "./window_size.ts";

/** The receive window of a stream or of the connection. */
export class ReceiveWindow {
  readonly #size: WindowSize;
  #left: number;
  #owed = 0;

  /** @param size What the peer knows it may send at the start, in bytes. */
  constructor(size: number, growth: WindowGrowth) {
    this.#size = new WindowSize(size, growth);
    this.#left = size;
  }

  /** Present size in bytes. */
  get size(): number {
    return this.#size.bytes;
  }

  /** Counts bytes that arrived; `false` when the peer had no right to send them. */
  consume(length: number): boolean {
    this.#size.onData();
    this.#left -= length;
    return this.#left >= 0;
  }

  /**
   * Counts bytes that need no more room here.
   *
   * @returns By how much to raise the peer's window now, or 0 while it can wait.
   */
  restore(length: number): number {
    this.#owed += length;
    return this.#owed * 2 < this.size ? 0 : this.flush();
  }

  /** By how much to raise the peer's window when it is told in any case; 0 for nothing. */
  flush(): number {
    if (this.#owed === 0) return 0;
    const increment = this.#owed + this.#size.resize(this.#owed);
    this.#owed = 0;
    this.#left += increment;
    return increment;
  }

  /** Lets other windows grow by what this one has grown: nothing comes for it any more, though some may still be read. */
  releaseGrowth(): void {
    this.#size.release();
  }
}

/**
 * The connection's receive window, shared by all streams.
 *
 * Its credit does not wait for readers: a paused reader would else hold up all
 * other streams. Only when more than `maxUnread` bytes lie unread does further
 * credit wait until they are taken: that is the bound on memory.
 */
export class SharedReceiveWindow {
  readonly #window: ReceiveWindow;
  readonly #maxUnread: number;
  #unread = 0;
  #withheld = 0;

  constructor(window: ReceiveWindow, maxUnread: number) {
    this.#window = window;
    this.#maxUnread = maxUnread;
  }

  /** Bytes that wait for a reader. */
  get unread(): number {
    return this.#unread;
  }

  /** Present size in bytes. */
  get size(): number {
    return this.#window.size;
  }

  /** Counts bytes that arrived; `false` when the peer had no right to send them. */
  consume(length: number): boolean {
    return this.#window.consume(length);
  }

  /** Counts bytes nobody will read; returns the increment to announce now, or 0. */
  discard(length: number): number {
    return this.#window.restore(length);
  }

  /** Counts bytes that wait for a reader; returns the increment to announce now, or 0. */
  hold(length: number): number {
    this.#unread += length;
    if (this.#unread <= this.#maxUnread) return this.#window.restore(length);
    this.#withheld += length;
    return 0;
  }

  /** The increment to announce when something is sent in any case, or 0. */
  flush(): number {
    return this.#window.flush();
  }

  /** Counts held bytes that a reader has taken or given up; returns the increment to announce now, or 0. */
  release(length: number): number {
    this.#unread -= length;
    const back = Math.min(length, this.#withheld);
    this.#withheld -= back;
    return back === 0 ? 0 : this.#window.restore(back);
  }
}
