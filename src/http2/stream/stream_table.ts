import type { ConnectionRole } from "../options.ts";
import { OpenStreams } from "./open_streams.ts";
import type { Stream, StreamEnding } from "./stream.ts";

/** Ended streams to remember. Late frames come within a round trip of a reset, and that sees fewer streams than this. */
const MAX_REMEMBERED = 4096;

/** The largest stream number (§5.1.1). */
const MAX_ID = 0x7fff_ffff;

/**
 * The streams of one connection, by number: the open ones, and how the latest
 * others have ended.
 */
export class StreamTable implements Iterable<Stream> {
  readonly #isClient: boolean;
  readonly #open = new OpenStreams();
  /** At `slotOf` their numbers: found at once, however many late frames come. */
  readonly #ended: ({ id: number; ending: StreamEnding } | undefined)[] = [];
  #latest: Stream | undefined;
  #nextId: number;
  #lastPeerId = 0;

  constructor(role: ConnectionRole) {
    this.#isClient = role === "client";
    this.#nextId = this.#isClient ? 1 : 2;
  }

  /** How many streams are open. */
  get size(): number {
    return this.#open.size;
  }

  /** The highest number that the peer has used. */
  get lastPeerId(): number {
    return this.#lastPeerId;
  }

  /** Whether there are numbers left for our streams. */
  get hasIds(): boolean {
    return this.#nextId <= MAX_ID;
  }

  /** Takes the number for a new stream of ours. */
  takeId(): number {
    const id = this.#nextId;
    this.#nextId += 2;
    return id;
  }

  /** Whether the peer may open a stream with this number: of its own kind (§5.1.1), and higher than all before. */
  canBegin(id: number): boolean {
    return !this.#isClient && id % 2 === 1 && id > this.#lastPeerId;
  }

  /** Notes that the peer has opened stream `id`, which closes the idle ones below. */
  begin(id: number): void {
    this.#lastPeerId = id;
  }

  /** Whether this number was not used yet. */
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

  /** Removes a stream that has ended. */
  remove(id: number, ending: StreamEnding): void {
    this.#open.delete(id);
    if (this.#latest?.id === id) this.#latest = undefined;
    const last = this.#ended[slotOf(id)];
    if (last === undefined) this.#ended[slotOf(id)] = { id, ending };
    else {
      last.id = id;
      last.ending = ending;
    }
  }

  /** How stream `id` ended; `undefined` if it was never used, or long ago. */
  endingOf(id: number): StreamEnding | undefined {
    const last = this.#ended[slotOf(id)];
    return last?.id === id ? last.ending : undefined;
  }

  [Symbol.iterator](): Iterator<Stream> {
    return this.#open[Symbol.iterator]();
  }
}

/** Numbers of one side increase by two. */
function slotOf(id: number): number {
  return (id >>> 1) % MAX_REMEMBERED;
}
