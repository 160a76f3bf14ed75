/**
 * The open streams of a connection, by number.
 *
 * No `Map`: one to which is added as often as is taken away moves to a new table
 * all the time, and V8's old tables keep the new ones, and the streams in them,
 * from being collected while they are young. This table stays where it is.
 *
 * @module
 */
import type { Stream } from "./stream.ts";

/** Places at first: more than most connections ever need. */
const FIRST_SIZE = 64;

/** Finds streams in a table of a power of two of places, half of them free. */
export class OpenStreams implements Iterable<Stream> {
  #places = places(FIRST_SIZE);
  #size = 0;

  /** How many there are. */
  get size(): number {
    return this.#size;
  }

  /** The stream of this number. */
  get(id: number): Stream | undefined {
    return this.#places[this.#find(id)];
  }

  /** Adds a stream whose number none of them has. */
  add(stream: Stream): void {
    if (2 * this.#size >= this.#places.length) this.#grow();
    this.#places[this.#find(stream.id)] = stream;
    this.#size++;
  }

  /** Takes the stream of this number out, if it is there. */
  delete(id: number): void {
    let at = this.#find(id);
    if (this.#places[at] === undefined) return;
    this.#places[at] = undefined;
    this.#size--;
    // Whoever stands behind may have been looked for from here.
    for (;;) {
      at = this.#next(at);
      const stream = this.#places[at];
      if (stream === undefined) return;
      this.#places[at] = undefined;
      this.#places[this.#find(stream.id)] = stream;
    }
  }

  /** All of them as they are now; the table may change meanwhile. */
  [Symbol.iterator](): Iterator<Stream> {
    return this.#places.filter((stream) => stream !== undefined).values();
  }

  /** Where the stream of this number is or would be. */
  #find(id: number): number {
    // Numbers of one side go up by two.
    let at = (id >>> 1) & (this.#places.length - 1);
    for (;;) {
      const stream = this.#places[at];
      if (stream === undefined || stream.id === id) return at;
      at = this.#next(at);
    }
  }

  #next(at: number): number {
    return (at + 1) & (this.#places.length - 1);
  }

  #grow(): void {
    const before = this.#places;
    this.#places = places(2 * before.length);
    for (const stream of before) {
      if (stream !== undefined) this.#places[this.#find(stream.id)] = stream;
    }
  }
}

function places(count: number): (Stream | undefined)[] {
  return new Array<Stream | undefined>(count).fill(undefined);
}
