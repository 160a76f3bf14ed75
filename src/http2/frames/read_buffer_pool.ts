/**
 * The memory that a connection's bytes are read into, and how content stays in
 * it until somebody takes it.
 *
 * A reader that is slower than the socket is given a view of the read buffer
 * where that saves a copy: its slab is then kept until the view is done with.
 * Only pieces that fill a good part of a slab are worth keeping one, and only
 * {@linkcode MAX_KEPT} slabs are kept; everything else is copied. So a peer
 * cannot pin a slab with each byte it sends.
 *
 * @module
 */

/** Shorter pieces are copied: that costs less than keeping track of a view. */
const MIN_VIEW = 8 * 1024;

/** Slabs that may be kept beside the current one for views: 4 MiB. */
const MAX_KEPT = 16;

/** Free slabs to keep for all connections of the process: 8 MiB, so that a download does not make a new one for each of its reads. */
const MAX_FREE = 32;

/** A piece of memory that the socket is read into. */
export interface ReadBuffer {
  readonly bytes: Uint8Array;
  /** Views of it that somebody still uses. */
  views: number;
}

const free: ReadBuffer[] = [];

/** The slabs of one connection. */
export class ReadBufferPool {
  readonly #size: number;
  #kept = 0;
  #current: ReadBuffer;

  /** @param size Bytes of each slab. */
  constructor(size: number) {
    this.#size = size;
    this.#current = take(size);
  }

  /** The slab that is being read into. */
  get current(): ReadBuffer {
    return this.#current;
  }

  /** Whether a piece of this length should be a view rather than a copy. */
  shouldView(length: number): boolean {
    return length >= MIN_VIEW && this.#kept < MAX_KEPT;
  }

  /** Goes on with another slab if views of the current one are in use; with the same otherwise. */
  rotate(): ReadBuffer {
    if (this.#current.views === 0) return this.#current;
    this.#kept++;
    this.#current = take(this.#size);
    return this.#current;
  }

  /** Says that a view of `buffer` is in use. */
  hold(buffer: ReadBuffer): void {
    buffer.views++;
  }

  /** Says that a view of `buffer` is done with. */
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
