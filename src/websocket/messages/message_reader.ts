/** Reads messages: joins fragments, decompresses, checks UTF-8 and close codes. */
import type { ByteReader } from "../../net/stream/byte_stream.ts";
import { Inflater } from "../deflate/inflater.ts";
import { CloseCode, protocolError, WebSocketError } from "../errors.ts";
import type { DeflateDirection } from "../extensions.ts";
import { type FrameHead, isControl, Opcode } from "../frames/frame_head.ts";
import { WebSocketFrameReader } from "../frames/frame_reader.ts";
import {
  type ControlItem,
  decodeText,
  type Item,
  parseClosing,
  type WebSocketMessage,
} from "./message.ts";
import type { MessageRoom } from "./message_room.ts";

/**
 * Bytes of a message, as they come and decompressed. Chromium and `ws` accept
 * more, but messages of tests are far smaller, and each is held as a whole.
 */
export const MAX_MESSAGE: number = 16 * 1024 * 1024;

/** Memory that a sender gets for the length it only announces. */
const FIRST_PIECE = 64 * 1024;

/** What a reader needs besides its source. */
export interface MessageReaderOptions {
  /** Whether the side must mask its frames: browsers must, sites must not. */
  readonly isMasked: boolean;
  /** How the side compresses, if both have agreed on that. */
  readonly deflate: DeflateDirection | undefined;
  /** Takes what messages need; the caller clears it when they have left. */
  readonly room: MessageRoom;
  /** Bytes of one message. */
  readonly maxMessage?: number;
}

/** Reads what one side of a WebSocket sends. */
export class MessageReader {
  readonly #frames: WebSocketFrameReader;
  readonly #inflater: Inflater | undefined;
  readonly #room: MessageRoom;
  readonly #maxMessage: number;
  /** The head of the first fragment of a message that is not complete. */
  #first: FrameHead | undefined;
  #buffer = new Uint8Array(0);
  #length = 0;

  constructor(
    source: ByteReader,
    { isMasked, deflate, room, maxMessage = MAX_MESSAGE }: MessageReaderOptions,
  ) {
    this.#frames = new WebSocketFrameReader(source, isMasked);
    this.#inflater = deflate && new Inflater(deflate);
    this.#room = room;
    this.#maxMessage = maxMessage;
  }

  /** Whether the next message or control frame has come: it need not be waited for. */
  get hasNext(): boolean {
    return this.#frames.hasFinalFrame;
  }

  /**
   * Waits for the next message or control frame.
   *
   * @returns `undefined` when the side has ended between two frames.
   * @throws {WebSocketError} When the side breaks the rules.
   * @throws What the source throws; an error when it ends inside a frame.
   */
  async next(): Promise<Item | undefined> {
    for (;;) {
      const head = await this.#frames.readHead();
      if (head === undefined) return undefined;
      if (isControl(head.opcode)) return await this.#readControl(head);
      this.#begin(head);
      await this.#readFragment(head);
      if (head.isFinal) return await this.#complete();
    }
  }

  /** Gives its memory back. */
  close(): void {
    this.#inflater?.close();
  }

  async #readControl(head: FrameHead): Promise<ControlItem> {
    const payload = new Uint8Array(head.length);
    await this.#frames.readPayload(payload, head);
    switch (head.opcode) {
      case Opcode.ping:
        return { kind: "ping", payload };
      case Opcode.pong:
        return { kind: "pong", payload };
      default:
        parseClosing(payload);
        return { kind: "close", payload };
    }
  }

  #begin(head: FrameHead): void {
    const isFirst = head.opcode !== Opcode.continuation;
    if (isFirst !== (this.#first === undefined)) {
      throw protocolError(
        isFirst
          ? "a message begins inside another one"
          : "a message begins with a continuation",
      );
    }
    if (head.isCompressed && (!isFirst || this.#inflater === undefined)) {
      throw protocolError("reserved bits are set");
    }
    this.#first ??= head;
    if (this.#length + head.length > this.#maxMessage) throw this.#tooBig();
  }

  /** The buffer grows with what has come, not with what is announced. */
  async #readFragment(head: FrameHead): Promise<void> {
    let read = 0;
    while (read < head.length) {
      if (this.#length === this.#buffer.length) {
        this.#grow(head.length - read, head.isFinal);
      }
      const end = Math.min(
        this.#buffer.length,
        this.#length + head.length - read,
      );
      const part = this.#buffer.subarray(this.#length, end);
      await this.#frames.readPayload(part, head, read);
      read += part.length;
      this.#length = end;
    }
  }

  #grow(needed: number, isLast: boolean): void {
    const before = this.#buffer;
    const atOnce = Math.min(needed, Math.max(FIRST_PIECE, before.length));
    // Doubled while more fragments come: small ones are not copied each time.
    const least = isLast ? 0 : before.length;
    const by = Math.min(
      Math.max(atOnce, least),
      this.#maxMessage - before.length,
    );
    this.#room.grow(by);
    this.#buffer = new Uint8Array(before.length + by);
    this.#buffer.set(before);
  }

  async #complete(): Promise<WebSocketMessage> {
    const content = this.#buffer.subarray(0, this.#length);
    const first = this.#first;
    this.#buffer = new Uint8Array(0);
    this.#length = 0;
    this.#first = undefined;
    const isCompressed = first?.isCompressed ?? false;
    const bytes = isCompressed ? await this.#inflate(content) : content;
    if (first?.opcode !== Opcode.text) {
      return { kind: "message", data: bytes, isCompressed };
    }
    const data = decodeText(bytes);
    if (data === undefined) {
      throw new WebSocketError(CloseCode.invalidText, "a text is not UTF-8");
    }
    return { kind: "message", data, encoded: bytes, isCompressed };
  }

  async #inflate(compressed: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
    let length = 0;
    const grow = (bytes: number): void => {
      length += bytes;
      if (length > this.#maxMessage) throw this.#tooBig();
      this.#room.grow(bytes);
    };
    return await this.#inflater?.inflate(compressed, grow) ??
      new Uint8Array(0);
  }

  #tooBig(): WebSocketError {
    return new WebSocketError(
      CloseCode.tooBig,
      `a message has more than ${this.#maxMessage} bytes`,
    );
  }
}
