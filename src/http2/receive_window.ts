/**
 * Flow control of what we receive: how much the peer may still send, and when
 * to tell it that it may send more (RFC 9113 §5.2, §6.9).
 *
 * Credit is given back in steps of half a window, so that a WINDOW_UPDATE comes
 * once in hundreds of DATA frames. A window that is used up faster than a round
 * trip holds the sender back: it is doubled, up to a limit. That needs the rate
 * *and* the round trip, so that a slow link is never filled with data that only
 * makes others wait.
 *
 * @module
 */

/** On a shorter way, in milliseconds, a megabyte of window is a gigabyte a second: the machines are the limit, and more would only queue. */
const MIN_ROUND_TRIP = 1;

/** What a window has to know to grow. */
export interface Growth {
  /** Largest size in bytes. */
  readonly maxSize: number;
  /** How many bytes all windows together may still grow by. */
  left: number;
  /** The time in milliseconds. */
  now(): number;
  /** The round trip in milliseconds without queueing, or `undefined` while unknown. */
  roundTrip(): number | undefined;
}

/** The receive window of a stream or of the connection. */
export class ReceiveWindow {
  readonly #growth: Growth;
  readonly #firstSize: number;
  #size: number;
  #left: number;
  #owed = 0;
  #lastUpdate: number;

  /** @param size What the peer knows it may send at the start, in bytes. */
  constructor(size: number, growth: Growth) {
    this.#growth = growth;
    this.#firstSize = size;
    this.#size = size;
    this.#left = size;
    this.#lastUpdate = growth.now();
  }

  /** Present size in bytes. */
  get size(): number {
    return this.#size;
  }

  /** Counts bytes that arrived; `false` when the peer had no right to send them. */
  take(length: number): boolean {
    this.#left -= length;
    return this.#left >= 0;
  }

  /**
   * Counts bytes that need no more room here.
   *
   * @returns By how much to raise the peer's window now, or 0 while it can wait.
   */
  give(length: number): number {
    this.#owed += length;
    return this.#owed * 2 < this.#size ? 0 : this.announce();
  }

  /** By how much to raise the peer's window when it is told in any case; 0 for nothing. */
  announce(): number {
    if (this.#owed === 0) return 0;
    const increment = this.#owed + this.#growBy();
    this.#owed = 0;
    this.#left += increment;
    return increment;
  }

  #growBy(): number {
    const now = this.#growth.now();
    const elapsed = now - this.#lastUpdate;
    this.#lastUpdate = now;
    const roundTrip = this.#growth.roundTrip() ?? 0;
    if (roundTrip < MIN_ROUND_TRIP) return 0;
    // A sender that the window holds back sends a whole one each round trip; half is near enough.
    const eachRoundTrip = this.#owed / elapsed * roundTrip;
    if (eachRoundTrip <= this.#size / 2) return 0;
    const grown = Math.min(2 * this.#size, this.#growth.maxSize);
    const by = Math.min(Math.max(0, grown - this.#size), this.#growth.left);
    this.#size += by;
    this.#growth.left -= by;
    return by;
  }

  /** Lets other windows grow by what this one has grown: it is not used any more. */
  release(): void {
    this.#growth.left += this.#size - this.#firstSize;
    this.#size = this.#firstSize;
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
  take(length: number): boolean {
    return this.#window.take(length);
  }

  /** Counts bytes nobody will read; returns the increment to announce now, or 0. */
  discard(length: number): number {
    return this.#window.give(length);
  }

  /** Counts bytes that wait for a reader; returns the increment to announce now, or 0. */
  hold(length: number): number {
    this.#unread += length;
    if (this.#unread <= this.#maxUnread) return this.#window.give(length);
    this.#withheld += length;
    return 0;
  }

  /** The increment to announce when something is sent in any case, or 0. */
  announce(): number {
    return this.#window.announce();
  }

  /** Counts held bytes that a reader has taken or given up; returns the increment to announce now, or 0. */
  release(length: number): number {
    this.#unread -= length;
    const back = Math.min(length, this.#withheld);
    this.#withheld -= back;
    return back === 0 ? 0 : this.#window.give(back);
  }
}
