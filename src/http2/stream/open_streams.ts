/**
 * The open streams of a connection, by number.
 *
 * Not a `Map`: with as many deletions as additions, a `Map` moves to new tables
 * all the time. V8's old tables keep the new ones and their streams from being
 * collected while they are young. This table stays in place.
 */
import type { Stream } from "./stream.ts";

/** Slots at first: more than most connections ever need. */
const INITIAL_SIZE = 64;

/** A hash table with a power of two of slots, half of them free. */
export class OpenStreams implements Iterable<Stream> {
  #slots = newSlots(INITIAL_SIZE);
  #size = 0;

  /** How many streams are open. */
  get size(): number {
    return this.#size;
  }

  get(id: number): Stream | undefined {
    return this.#slots[this.#find(id)];
  }

  /** Adds a stream. Its number must be new. */
  add(stream: Stream): void {
    if (2 * this.#size >= this.#slots.length) this.#grow();
    this.#slots[this.#find(stream.id)] = stream;
    this.#size++;
  }

  /** Removes the stream with this number, if it is there. */
  delete(id: number): void {
    let at = this.#find(id);
    if (this.#slots[at] === undefined) return;
    this.#slots[at] = undefined;
    this.#size--;
    // Streams in the slots behind may have been placed from here.
    for (;;) {
      at = this.#next(at);
      const stream = this.#slots[at];
      if (stream === undefined) return;
      this.#slots[at] = undefined;
      this.#slots[this.#find(stream.id)] = stream;
    }
  }

  /** All streams as of now; the table may change meanwhile. */
  [Symbol.iterator](): Iterator<Stream> {
    return this.#slots.filter((stream) => stream !== undefined).values();
  }

  /** The slot of this stream, or the free slot for it. */
  #find(id: number): number {
    // Numbers of one side increase by two.
    let at = (id >>> 1) & (this.#slots.length - 1);
    for (;;) {
      const stream = this.#slots[at];
      if (stream === undefined || stream.id === id) return at;
      at = this.#next(at);
    }
  }

  #next(at: number): number {
    return (at + 1) & (this.#slots.length - 1);
  }

  #grow(): void {
    const before = this.#slots;
    this.#slots = newSlots(2 * before.length);
    for (const stream of before) {
      if (stream !== undefined) this.#slots[this.#find(stream.id)] = stream;
    }
  }
}

function newSlots(count: number): (Stream | undefined)[] {
  return new Array<Stream | undefined>(count).fill(undefined);
}
