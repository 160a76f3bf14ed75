/**
 * Collects the bytes to send, in order, while the socket is busy.
 *
 * There is at most one write at a time, and many small frames share one call.
 * Callers wait for the socket only when the buffer is full: then the socket is
 * behind.
 */
import type { ByteWriter } from "../../net/stream/byte_stream.ts";

/** The longest DATA frame we send. Longer ones save nothing and hold up other streams. */
export const MAX_DATA_LENGTH: number = 64 * 1024;

/** With this much buffered the socket is behind, and content has to wait. The last frame may exceed it. */
const BEHIND_AT = 64 * 1024;

/** With this much buffered field sections have to wait, too. Content alone does not reach it. */
const FULL_AT = 4 * BEHIND_AT;

/** Fits what is usually buffered; only many control frames make it grow. */
const BUFFER_SIZE = BEHIND_AT + MAX_DATA_LENGTH + 1024;

/** Turns of the microtask queue to wait for more frames: a few awaits, about a microsecond. */
const GATHER_TURNS = 8;

/** A buffer that many control frames have made longer than this is not kept. */
const MAX_KEPT_SIZE = 2 * BUFFER_SIZE;

/** Events of the buffer. */
export interface WriteBufferEvents {
  /** The buffer has space again. Called each time its bytes go to the socket. */
  onRoom(): void;
  /** The socket failed; nothing more is sent. */
  onError(error: unknown): void;
}

/** Buffers bytes and writes them to the socket. */
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
  /** Bytes passed to the socket that it has not taken yet. */
  #inFlight = 0;
  #waitForRoom: PromiseWithResolvers<void> | undefined;
  #flushing: Promise<void> | undefined;

  constructor(conn: ByteWriter, events: WriteBufferEvents) {
    this.#conn = conn;
    this.#events = events;
  }

  /** Whether content has to wait for the socket; `onRoom` is called when it need not. */
  get isBehind(): boolean {
    return this.#length >= BEHIND_AT;
  }

  /** Whether field sections have to wait, too; see `room`. */
  get isFull(): boolean {
    return this.#length >= FULL_AT;
  }

  /** Resolves when the buffered bytes go to the socket, or are dropped. */
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

  /** Bytes passed to the socket so far, whether it has taken them or not. */
  get bytesPassed(): number {
    return this.#bytesSent + this.#inFlight;
  }

  /** Where the next frame begins: bytes passed to the socket and buffered so far. */
  get position(): number {
    return this.bytesPassed + this.#length;
  }

  /** Counts a reply to a frame of the peer. Returns how many are buffered. */
  countReply(): number {
    return ++this.#replies;
  }

  /** The buffered bytes; valid until `reserve` is called. */
  get bytes(): Uint8Array {
    return this.#gathering;
  }

  /** How many batches were written. A position in `bytes` is valid until it changes. */
  get batchNumber(): number {
    return this.#batchNumber;
  }

  /** Reserves `size` bytes, to be filled at once. Returns their position in `bytes`. */
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

  /** Resolves when the socket has taken all bytes buffered so far, or failed. */
  async flushed(): Promise<void> {
    await this.#flushing;
  }

  /** Drops the buffered bytes and accepts no more. */
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
        if (this.#isStopped) return;
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
   * Waits while frames keep coming. A response and its content, or several
   * streams that resumed together, then share one write.
   */
  async #gather(): Promise<void> {
    let before = -1;
    while (this.#length > before && !this.isBehind) {
      before = this.#length;
      for (let turn = 0; turn < GATHER_TURNS; turn++) await undefined;
    }
  }

  /** Takes the buffered bytes; later ones go into the other buffer. */
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
