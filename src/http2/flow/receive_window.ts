/**
 * Receive windows: how much the peer may still send, and when it may send more
 * (RFC 9113 §5.2, §6.9).
 *
 * Credit is returned in steps of half a window: one WINDOW_UPDATE for hundreds
 * of DATA frames. `window_size.ts` decides how large a window is.
 */
import { type WindowGrowth, WindowSize } from "./window_size.ts";

/** The receive window of a stream or of the connection. */
export class ReceiveWindow {
  readonly #size: WindowSize;
  #left: number;
  #owed = 0;

  /** @param size The window that the peer knows at the start, in bytes. */
  constructor(size: number, growth: WindowGrowth) {
    this.#size = new WindowSize(size, growth);
    this.#left = size;
  }

  /** Current size in bytes. */
  get size(): number {
    return this.#size.bytes;
  }

  /** Counts bytes that arrived; `false` when they exceed the window. */
  consume(length: number): boolean {
    this.#size.onData();
    this.#left -= length;
    return this.#left >= 0;
  }

  /**
   * Counts bytes that no longer take space.
   *
   * @returns The increment to send now, or 0 while it can wait.
   */
  restore(length: number): number {
    this.#owed += length;
    return this.#owed * 2 < this.size ? 0 : this.flush();
  }

  /** The increment to send although it could wait, because another frame is sent anyway; 0 for none. */
  flush(): number {
    if (this.#owed === 0) return 0;
    const increment = this.#owed + this.#size.resize(this.#owed);
    this.#owed = 0;
    this.#left += increment;
    return increment;
  }

  /**
   * Lets other windows grow by as much as this one has grown. Nothing more
   * comes for it, but some of its bytes may be unread.
   */
  releaseGrowth(): void {
    this.#size.release();
  }
}

/**
 * The connection's receive window, shared by all streams.
 *
 * Its credit does not wait for readers: otherwise a paused reader would hold up
 * all other streams. With more than `maxUnread` unread bytes, further credit
 * waits until they are read. That bounds memory.
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

  /** Current size in bytes. */
  get size(): number {
    return this.#window.size;
  }

  /** Counts bytes that arrived; `false` when they exceed the window. */
  consume(length: number): boolean {
    return this.#window.consume(length);
  }

  /** Counts bytes that are not kept; returns the increment to send now, or 0. */
  discard(length: number): number {
    return this.#window.restore(length);
  }

  /** Counts bytes that wait for a reader; returns the increment to send now, or 0. */
  hold(length: number): number {
    this.#unread += length;
    if (this.#unread <= this.#maxUnread) return this.#window.restore(length);
    this.#withheld += length;
    return 0;
  }

  /** The increment to send because another frame is sent anyway, or 0. */
  flush(): number {
    return this.#window.flush();
  }

  /** Counts waiting bytes that were read or dropped; returns the increment to send now, or 0. */
  release(length: number): number {
    this.#unread -= length;
    const back = Math.min(length, this.#withheld);
    this.#withheld -= back;
    return back === 0 ? 0 : this.#window.restore(back);
  }
}
