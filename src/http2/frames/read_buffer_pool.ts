/**
 * The buffers that a connection is read into, and views of unread content in
 * them.
 *
 * A reader slower than the socket gets a view of the read buffer where that
 * saves a copy. The buffer is kept until the view is released. Only pieces that
 * fill a good part of a buffer become views, and only {@linkcode MAX_KEPT}
 * buffers are kept; the rest is copied. So a peer cannot pin a buffer with each
 * byte it sends.
 */

/** Shorter pieces are copied: that costs less than tracking a view. */
const MIN_VIEW = 8 * 1024;

/** Buffers that may be kept for views beside the current one: 4 MiB. */
const MAX_KEPT = 16;

/**
 * Free buffers to keep for all connections: 8 MiB, so that a download reuses
 * them for each of its reads.
 */
const MAX_FREE = 32;

/** A buffer that the socket is read into. */
export interface ReadBuffer {
  readonly bytes: Uint8Array;
  /** Views of it that are in use. */
  views: number;
}

const free: ReadBuffer[] = [];

/** The read buffers of one connection. */
export class ReadBufferPool {
  readonly #size: number;
  #kept = 0;
  #current: ReadBuffer;

  /** @param size Bytes of each buffer. */
  constructor(size: number) {
    this.#size = size;
    this.#current = take(size);
  }

  /** The buffer that is read into. */
  get current(): ReadBuffer {
    return this.#current;
  }

  /** Whether a piece of this length should be a view rather than a copy. */
  shouldView(length: number): boolean {
    return length >= MIN_VIEW && this.#kept < MAX_KEPT;
  }

  /** Returns the current buffer, or another one if views of it are in use. */
  rotate(): ReadBuffer {
    if (this.#current.views === 0) return this.#current;
    this.#kept++;
    this.#current = take(this.#size);
    return this.#current;
  }

  /** Marks a view of `buffer` as in use. */
  hold(buffer: ReadBuffer): void {
    buffer.views++;
  }

  /** Marks a view of `buffer` as no longer used. */
  release(buffer: ReadBuffer): void {
    buffer.views--;
    if (buffer.views > 0 || buffer === this.#current) return;
    this.#kept--;
    if (free.length < MAX_FREE) free.push(buffer);
  }
}

function take(size: number): ReadBuffer {
  // Nearly all connections have the same size.
  const buffer = free.pop();
  return buffer?.bytes.length === size
    ? buffer
    : { bytes: new Uint8Array(size), views: 0 };
}
