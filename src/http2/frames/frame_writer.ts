import {
  Flag,
  FLAGS_OFFSET,
  type FrameHeader,
  FrameType,
  HEADER_SIZE,
  writeFrameHeader,
  writeUint32,
} from "./frame_header.ts";
import type { WriteBuffer } from "./write_buffer.ts";

const EMPTY = new Uint8Array(0);

/** Writes frames of all types, in the order of the calls. */
export class FrameWriter {
  /** The frames that wait for the socket. */
  readonly output: WriteBuffer;

  constructor(output: WriteBuffer) {
    this.output = output;
  }

  /** Adds bytes that are not a frame: the client's preface. */
  raw(bytes: Uint8Array): void {
    const at = this.output.reserve(bytes.length);
    this.output.bytes.set(bytes, at);
  }

  /**
   * Adds a DATA frame with `length` bytes of `bytes`.
   *
   * @returns Its position in the buffer.
   */
  data(
    streamId: number,
    bytes: Uint8Array,
    { length = bytes.length, endStream = false }: {
      readonly length?: number;
      readonly endStream?: boolean;
    } = {},
  ): number {
    const flags = endStream ? Flag.END_STREAM : 0;
    const at = this.#frame({ length, type: FrameType.DATA, flags, streamId });
    this.output.bytes.set(
      length === bytes.length ? bytes : bytes.subarray(0, length),
      at,
    );
    return at - HEADER_SIZE;
  }

  /** Sets END_STREAM on the DATA frame at `at` in the buffer. */
  endData(at: number): void {
    const flags = this.output.bytes[at + FLAGS_OFFSET] ?? 0;
    this.output.bytes[at + FLAGS_OFFSET] = flags | Flag.END_STREAM;
  }

  /** Adds a field block as HEADERS and as many CONTINUATION frames as `maxFrameSize` requires. */
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
      this.output.bytes.set(part, at);
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

  /** Adds the acknowledgement of the peer's PING. */
  pingAck(payload: Uint8Array): void {
    this.#onConnection(FrameType.PING, Flag.ACK, payload);
  }

  /** Adds GOAWAY. */
  goAway(lastStreamId: number, code: number): void {
    const length = 8;
    const header = { length, type: FrameType.GOAWAY, flags: 0, streamId: 0 };
    const at = this.#frame(header);
    writeUint32(this.output.bytes, at, lastStreamId);
    writeUint32(this.output.bytes, at + 4, code);
  }

  #number(type: number, streamId: number, value: number): void {
    const at = this.#frame({ length: 4, type, flags: 0, streamId });
    writeUint32(this.output.bytes, at, value);
  }

  #onConnection(type: number, flags: number, payload: Uint8Array): void {
    const { length } = payload;
    const at = this.#frame({ length, type, flags, streamId: 0 });
    this.output.bytes.set(payload, at);
  }

  #frame(header: FrameHeader): number {
    const at = this.output.reserve(HEADER_SIZE + header.length);
    writeFrameHeader(this.output.bytes, at, header);
    return at + HEADER_SIZE;
  }
}
