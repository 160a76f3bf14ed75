/**
 * Everything a connection sends goes through here, in order: frames are
 * gathered in one buffer while the socket is busy with another.
 *
 * So there is at most one write under way, many small frames share one call,
 * and whoever fills the buffer need not wait for the socket until the buffer is
 * full: then the socket is behind.
 *
 * @module
 */
import type { ByteWriter } from "../net/byte_stream.ts";
import {
  Flag,
  type FrameHeader,
  FrameType,
  HEADER_SIZE,
  writeFrameHeader,
  writeUint32,
} from "./frames.ts";

/** The longest DATA frame we send: longer ones save nothing more and hold up others. */
export const MAX_DATA_LENGTH: number = 64 * 1024;

/** With this much gathered the socket is behind, and content has to wait; the last frame may go over it. */
const BEHIND_AT = 64 * 1024;

/** With this much gathered field sections have to wait, too; content alone does not reach it. */
const FULL_AT = 4 * BEHIND_AT;

/** What is gathered fits without growing, unless many control frames come. */
const BATCH_SIZE = BEHIND_AT + MAX_DATA_LENGTH + 1024;

/** Turns of the microtask queue to wait for more: what a few awaits between two frames take, about a microsecond. */
const GATHER_TURNS = 8;

/** A buffer that has grown beyond this by a burst of control frames is not kept. */
const MAX_KEPT_SIZE = 2 * BATCH_SIZE;

const EMPTY = new Uint8Array(0);

/** Where the writer reports to. */
export interface FrameWriterEvents {
  /** There is room again: called each time the gathered frames go to the socket. */
  onRoom(): void;
  /** The socket failed; nothing more will be sent. */
  onError(error: unknown): void;
}

/** Gathers frames and writes them to the socket. */
export class FrameWriter {
  readonly #conn: ByteWriter;
  readonly #events: FrameWriterEvents;
  #gathering = new Uint8Array(BATCH_SIZE);
  #spare = new Uint8Array(BATCH_SIZE);
  #length = 0;
  #answers = 0;
  #bytesSent = 0;
  #isStopped = false;
  /** Bytes the socket has been given and not taken yet. */
  #underWay = 0;
  #room: PromiseWithResolvers<void> | undefined;
  #flushing: Promise<void> | undefined;

  constructor(conn: ByteWriter, events: FrameWriterEvents) {
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
    this.#room ??= Promise.withResolvers();
    return this.#room.promise;
  }

  /** Bytes that the socket has not taken. */
  get queuedBytes(): number {
    return this.#length + this.#underWay;
  }

  /** Bytes the socket has taken. */
  get bytesSent(): number {
    return this.#bytesSent;
  }

  /** Counts an answer to a frame of the peer; returns how many are gathered and not yet with the socket. */
  countAnswer(): number {
    return ++this.#answers;
  }

  /** Adds bytes that are no frame: the client's preface. */
  raw(bytes: Uint8Array): void {
    const at = this.#reserve(bytes.length);
    this.#gathering.set(bytes, at);
  }

  /** Adds a DATA frame with `length` bytes of `bytes`. */
  data(
    streamId: number,
    bytes: Uint8Array,
    { length = bytes.length, endStream = false }: {
      readonly length?: number;
      readonly endStream?: boolean;
    } = {},
  ): void {
    const flags = endStream ? Flag.END_STREAM : 0;
    const at = this.#frame({ length, type: FrameType.DATA, flags, streamId });
    this.#gathering.set(
      length === bytes.length ? bytes : bytes.subarray(0, length),
      at,
    );
  }

  /** Adds a field block as HEADERS and as many CONTINUATION frames as `maxFrameSize` asks for. */
  headers(
    streamId: number,
    block: Uint8Array,
    { endStream, maxFrameSize }: {
      readonly endStream: boolean;
      readonly maxFrameSize: number;
    },
  ): void {
    let type: number = FrameType.HEADERS;
    let flags = endStream ? Flag.END_STREAM : 0;
    let rest = block;
    do {
      const part = rest.subarray(0, maxFrameSize);
      rest = rest.subarray(part.length);
      if (rest.length === 0) flags |= Flag.END_HEADERS;
      const at = this.#frame({ length: part.length, type, flags, streamId });
      this.#gathering.set(part, at);
      type = FrameType.CONTINUATION;
      flags = 0;
    } while (rest.length > 0);
  }

  /** Adds RST_STREAM. */
  resetStream(streamId: number, code: number): void {
    this.#number(FrameType.RST_STREAM, streamId, code);
  }

  /** Adds WINDOW_UPDATE; stream 0 is the connection. */
  windowUpdate(streamId: number, increment: number): void {
    this.#number(FrameType.WINDOW_UPDATE, streamId, increment);
  }

  /** Adds SETTINGS. */
  settings(payload: Uint8Array): void {
    this.#onConnection(FrameType.SETTINGS, 0, payload);
  }

  /** Adds the acknowledgement of the peer's SETTINGS. */
  settingsAck(): void {
    this.#onConnection(FrameType.SETTINGS, Flag.ACK, EMPTY);
  }

  /** Adds PING. */
  ping(payload: Uint8Array): void {
    this.#onConnection(FrameType.PING, 0, payload);
  }

  /** Adds the answer to the peer's PING. */
  pingAck(payload: Uint8Array): void {
    this.#onConnection(FrameType.PING, Flag.ACK, payload);
  }

  /** Adds GOAWAY. */
  goAway(lastStreamId: number, code: number): void {
    const length = 8;
    const header = { length, type: FrameType.GOAWAY, flags: 0, streamId: 0 };
    const at = this.#frame(header);
    writeUint32(this.#gathering, at, lastStreamId);
    writeUint32(this.#gathering, at + 4, code);
  }

  /** Resolves when the socket has taken everything gathered so far, or failed. */
  async flushed(): Promise<void> {
    await this.#flushing;
  }

  /** Drops what is gathered and takes nothing more. */
  stop(): void {
    this.#isStopped = true;
    this.#empty();
  }

  #number(type: number, streamId: number, value: number): void {
    const at = this.#frame({ length: 4, type, flags: 0, streamId });
    writeUint32(this.#gathering, at, value);
  }

  #onConnection(type: number, flags: number, payload: Uint8Array): void {
    const { length } = payload;
    const at = this.#frame({ length, type, flags, streamId: 0 });
    this.#gathering.set(payload, at);
  }

  #frame(header: FrameHeader): number {
    const at = this.#reserve(HEADER_SIZE + header.length);
    writeFrameHeader(this.#gathering, at, header);
    return at + HEADER_SIZE;
  }

  #reserve(size: number): number {
    if (this.#isStopped) this.#length = 0;
    const at = this.#length;
    this.#length += size;
    if (this.#length > this.#gathering.length) this.#grow();
    if (this.#flushing === undefined && !this.#isStopped) {
      this.#flushing = this.#flush();
    }
    return at;
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
   * streams that were woken together, share one write. That saves calls, and it
   * keeps a second small write from waiting for the peer's acknowledgement of
   * the first where the socket cannot turn Nagle's algorithm off (TLS accepted
   * by Deno 2.9).
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
      ? new Uint8Array(BATCH_SIZE)
      : full;
    this.#answers = 0;
    this.#empty();
    this.#events.onRoom();
    return taken;
  }

  #empty(): void {
    this.#length = 0;
    this.#room?.resolve();
    this.#room = undefined;
  }

  async #write(bytes: Uint8Array): Promise<void> {
    this.#underWay = bytes.length;
    for (let at = 0; at < bytes.length;) {
      const taken = await this.#conn.write(
        at === 0 ? bytes : bytes.subarray(at),
      );
      at += taken;
      this.#bytesSent += taken;
      this.#underWay -= taken;
    }
  }
}
