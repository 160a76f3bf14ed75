/**
 * Everything a connection sends goes through here, in order: bytes are gathered
 * in one buffer while the socket is busy with another.
 *
 * So there is at most one write under way, many small frames share one call,
 * and whoever fills the buffer need not wait for the socket until the buffer is
 * full: then the socket is behind.
 *
 * @module
 */
import type { ByteWriter } from "../../net/stream/byte_stream.ts";

/** The longest DATA frame we send: longer ones save nothing more and hold up others. */
export const MAX_DATA_LENGTH: number = 64 * 1024;

/** With this much gathered the socket is behind, and content has to wait; the last frame may go over it. */
const BEHIND_AT = 64 * 1024;

/** With this much gathered field sections have to wait, too; content alone does not reach it. */
const FULL_AT = 4 * BEHIND_AT;

/** What is gathered fits without growing, unless many control frames come. */
const BUFFER_SIZE = BEHIND_AT + MAX_DATA_LENGTH + 1024;

/** Turns of the microtask queue to wait for more: what a few awaits between two frames take, about a microsecond. */
const GATHER_TURNS = 8;

/** A buffer that has grown beyond this by a burst of control frames is not kept. */
const MAX_KEPT_SIZE = 2 * BUFFER_SIZE;

/** Where a batch reports to. */
export interface WriteBufferEvents {
  /** There is room again: called each time what is gathered goes to the socket. */
  onRoom(): void;
  /** The socket failed; nothing more will be sent. */
  onError(error: unknown): void;
}

/** Gathers bytes and writes them to the socket. */
export class WriteBuffer {
  readonly #conn: ByteWriter;
  readonly #events: WriteBufferEvents;
  #gathering = new Uint8Array(BUFFER_SIZE);
  #spare = new Uint8Array(BUFFER_SIZE);
  #length = 0;
  #replies = 0;
  #bytesSent = 0;
  #batchNumber = 0;
  #isStopped = false;
  /** Bytes the socket has been given and not taken yet. */
  #inFlight = 0;
  #waitForRoom: PromiseWithResolvers<void> | undefined;
  #flushing: Promise<void> | undefined;

  constructor(conn: ByteWriter, events: WriteBufferEvents) {
    this.#conn = conn;
    this.#events = events;
  }

  /** Whether the socket is so slow that content has to wait; `onRoom` says when it is not. */
  get isBehind(): boolean {
    return this.#length >= BEHIND_AT;
  }

  /** Whether so much is gathered that field sections have to wait; see `room`. */
  get isFull(): boolean {
    return this.#length >= FULL_AT;
  }

  /** Resolves when what is gathered goes to the socket, or nowhere any more. */
  get room(): Promise<void> {
    this.#waitForRoom ??= Promise.withResolvers();
    return this.#waitForRoom.promise;
  }

  /** Bytes that the socket has not taken. */
  get queuedBytes(): number {
    return this.#length + this.#inFlight;
  }

  /** Bytes the socket has taken. */
  get bytesSent(): number {
    return this.#bytesSent;
  }

  /** Counts an answer to a frame of the peer; returns how many are gathered and not yet with the socket. */
  countReply(): number {
    return ++this.#replies;
  }

  /** What is gathered; valid until `reserve` is called. */
  get bytes(): Uint8Array {
    return this.#gathering;
  }

  /** How many batches have gone: what was put into `buffer` waits there until this changes. */
  get batchNumber(): number {
    return this.#batchNumber;
  }

  /** Makes room for `size` bytes, to be filled at once; returns where in `buffer`. */
  reserve(size: number): number {
    if (this.#isStopped) this.#length = 0;
    const at = this.#length;
    this.#length += size;
    if (this.#length > this.#gathering.length) this.#grow();
    if (this.#flushing === undefined && !this.#isStopped) {
      this.#flushing = this.#flush();
    }
    return at;
  }

  /** Resolves when the socket has taken everything gathered so far, or failed. */
  async flushed(): Promise<void> {
    await this.#flushing;
  }

  /** Drops what is gathered and takes nothing more. */
  stop(): void {
    this.#isStopped = true;
    this.#batchNumber++;
    this.#empty();
  }

  #grow(): void {
    const larger = new Uint8Array(2 * this.#length);
    larger.set(this.#gathering);
    this.#gathering = larger;
  }

  async #flush(): Promise<void> {
    try {
      while (this.#length > 0) {
        await this.#gather();
        await this.#write(this.#take());
      }
    } catch (error) {
      this.stop();
      this.#events.onError(error);
    } finally {
      this.#flushing = undefined;
    }
  }

  /**
   * Waits while frames keep coming: a response and its content, or several
   * streams that were woken together, share one write, which saves calls.
   */
  async #gather(): Promise<void> {
    let before = -1;
    while (this.#length > before && !this.isBehind) {
      before = this.#length;
      for (let turn = 0; turn < GATHER_TURNS; turn++) await undefined;
    }
  }

  /** Takes what is gathered; what comes from now on is gathered in the other buffer. */
  #take(): Uint8Array {
    const full = this.#gathering;
    const taken = full.subarray(0, this.#length);
    this.#gathering = this.#spare;
    this.#spare = full.length > MAX_KEPT_SIZE
      ? new Uint8Array(BUFFER_SIZE)
      : full;
    this.#replies = 0;
    this.#batchNumber++;
    this.#empty();
    this.#events.onRoom();
    return taken;
  }

  #empty(): void {
    this.#length = 0;
    this.#waitForRoom?.resolve();
    this.#waitForRoom = undefined;
  }

  async #write(bytes: Uint8Array): Promise<void> {
    this.#inFlight = bytes.length;
    for (let at = 0; at < bytes.length;) {
      const taken = await this.#conn.write(
        at === 0 ? bytes : bytes.subarray(at),
      );
      at += taken;
      this.#bytesSent += taken;
      this.#inFlight -= taken;
    }
  }
}
