/**
 * The streams of one connection: those that are open, and how the last ones
 * that are not have ended.
 *
 * @module
 */
import { OpenStreams } from "./open_streams.ts";
import type { Stream, StreamEnding } from "./stream.ts";

/** Ended streams to remember: frames that were under way when a stream was reset come within a round trip, and there are not more streams in one. */
const REMEMBERED = 4096;

/** The largest stream number (§5.1.1). */
const MAX_ID = 0x7fff_ffff;

/** The streams of one connection, by number. */
export class StreamTable implements Iterable<Stream> {
  readonly #isClient: boolean;
  readonly #open = new OpenStreams();
  /** By `placeOf` their numbers: found at once, however many late frames a peer sends. */
  readonly #ended: ({ id: number; ending: StreamEnding } | undefined)[] = [];
  #latest: Stream | undefined;
  #nextId: number;
  #lastPeerId = 0;

  constructor(role: "client" | "server") {
    this.#isClient = role === "client";
    this.#nextId = this.#isClient ? 1 : 2;
  }

  /** How many are open. */
  get size(): number {
    return this.#open.size;
  }

  /** The highest number the peer has used. */
  get lastPeerId(): number {
    return this.#lastPeerId;
  }

  /** Whether there are numbers left for streams of ours. */
  get hasIds(): boolean {
    return this.#nextId <= MAX_ID;
  }

  /** The number for the next stream of ours. */
  takeId(): number {
    const id = this.#nextId;
    this.#nextId += 2;
    return id;
  }

  /** Whether the peer may begin a stream of this number: its own kind (§5.1.1), and higher than all before. */
  canBegin(id: number): boolean {
    return !this.#isClient && id % 2 === 1 && id > this.#lastPeerId;
  }

  /** Notes that the peer has begun stream `id`, and thereby ended the idle ones below. */
  begin(id: number): void {
    this.#lastPeerId = id;
  }

  /** Whether nobody has used this number yet. */
  isIdle(id: number): boolean {
    const isOurs = (id % 2 === 1) === this.#isClient;
    return isOurs ? id >= this.#nextId : id > this.#lastPeerId;
  }

  /** The open stream `id`. */
  find(id: number): Stream | undefined {
    if (this.#latest?.id === id) return this.#latest;
    const stream = this.#open.get(id);
    if (stream !== undefined) this.#latest = stream;
    return stream;
  }

  /** Adds an open stream. */
  add(stream: Stream): void {
    this.#open.add(stream);
    this.#latest = stream;
  }

  /** Takes out a stream that has ended. */
  remove(id: number, ending: StreamEnding): void {
    this.#open.delete(id);
    if (this.#latest?.id === id) this.#latest = undefined;
    const last = this.#ended[placeOf(id)];
    if (last === undefined) this.#ended[placeOf(id)] = { id, ending };
    else {
      last.id = id;
      last.ending = ending;
    }
  }

  /** How stream `id` ended; `undefined` if it was never used or that is long ago. */
  endingOf(id: number): StreamEnding | undefined {
    const last = this.#ended[placeOf(id)];
    return last?.id === id ? last.ending : undefined;
  }

  [Symbol.iterator](): Iterator<Stream> {
    return this.#open[Symbol.iterator]();
  }
}

/** Numbers of one side go up by two. */
function placeOf(id: number): number {
  return (id >>> 1) % REMEMBERED;
}
