/**
 * A stream of bytes inside binary messages (RFC 6455), for networks that pass
 * nothing else. Where one message ends and the next begins means nothing.
 *
 * Nothing is kept here: a message is read as its bytes come, and a write has
 * left when it resolves.
 */
import { timer } from "../async/timer.ts";
import { type ByteStream, closeQuietly } from "../net/stream/byte_stream.ts";
import { writeAll } from "../net/stream/copy.ts";
import { CloseCode, protocolError, WebSocketError } from "./errors.ts";
import {
  type FrameHead,
  isControl,
  MAX_HEAD,
  Opcode,
  writeHead,
} from "./frames/frame_head.ts";
import { WebSocketFrameReader } from "./frames/frame_reader.ts";
import { applyMask, randomMask } from "./frames/mask.ts";
import { closingPayload, parseClosing } from "./messages/message.ts";

/** Bytes of one message. A larger write is several. */
const MAX_MESSAGE: number = 64 * 1024;
/** Before the payload, so that its first byte begins a word of the memory. */
const HEAD_ROOM = 16;
/** How long a close frame may take to leave, in milliseconds. */
const GOODBYE_TIMEOUT = 500;

/** Which end of the WebSocket this is. */
export interface MessageStreamOptions {
  /** A client masks what it sends; a server must not. */
  readonly isClient: boolean;
}

/** The bytes that go through the WebSocket that has been opened on a stream. */
export class MessageStream implements ByteStream {
  readonly #stream: ByteStream;
  readonly #frames: WebSocketFrameReader;
  readonly #isClient: boolean;
  /** The frame whose payload is being read. */
  #head: FrameHead | undefined;
  #offset = 0;
  /** Whether a message has begun and its last frame has not. */
  #isInMessage = false;
  #hasEnded = false;
  #isCloseSent = false;
  #isClosed = false;
  #lastWrite: Promise<void> = Promise.resolve();
  /** The ping that still wants a pong; an older one does not (RFC 6455 §5.5.3). */
  #ping: Uint8Array | undefined;

  constructor(stream: ByteStream, { isClient }: MessageStreamOptions) {
    this.#stream = stream;
    this.#isClient = isClient;
    this.#frames = new WebSocketFrameReader(stream, !isClient);
  }

  /** @throws {WebSocketError} When the peer breaks the rules: the WebSocket is closed then. */
  async read(into: Uint8Array): Promise<number | null> {
    try {
      return await this.#read(into);
    } catch (cause) {
      if (cause instanceof WebSocketError) {
        this.#hasEnded = true;
        void this.#sendClose(cause.code, cause.message).catch(ignore);
      }
      throw cause;
    }
  }

  async write(bytes: Uint8Array): Promise<number> {
    const piece = bytes.subarray(0, MAX_MESSAGE);
    await this.#send(Opcode.binary, piece);
    return piece.length;
  }

  /** Says that nothing follows. A WebSocket has no other way than to close; the peer's bytes are read until it agrees. */
  async closeWrite(): Promise<void> {
    await this.#sendClose(CloseCode.normal, "");
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    void this.#leave();
  }

  /** The close frame goes out if the peer takes it at once. */
  async #leave(): Promise<void> {
    using _limit = timer(GOODBYE_TIMEOUT, () => closeQuietly(this.#stream));
    await this.#sendClose(CloseCode.goingAway, "").catch(ignore);
    closeQuietly(this.#stream);
  }

  async #read(into: Uint8Array): Promise<number | null> {
    for (;;) {
      const head = this.#head ??= await this.#nextFrame();
      if (head === undefined) return null;
      const left = head.length - this.#offset;
      if (left === 0) {
        this.#head = undefined;
        continue;
      }
      const part = into.subarray(0, Math.min(into.length, left));
      const count = await this.#frames.readSome(part, head, this.#offset);
      this.#offset += count;
      return count;
    }
  }

  /** The head of the next frame with bytes of the stream; `undefined` when there is none. */
  async #nextFrame(): Promise<FrameHead | undefined> {
    while (!this.#hasEnded) {
      const head = await this.#frames.readHead();
      if (head === undefined) {
        this.#hasEnded = true;
      } else if (isControl(head.opcode)) {
        await this.#takeControl(head);
      } else {
        this.#check(head);
        this.#offset = 0;
        return head;
      }
    }
    return undefined;
  }

  #check({ opcode, isFinal, isCompressed }: FrameHead): void {
    if (isCompressed) throw protocolError("reserved bits are set");
    if (opcode === Opcode.text) {
      throw new WebSocketError(CloseCode.unsupportedData, "a text was sent");
    }
    const isContinuation = opcode === Opcode.continuation;
    if (isContinuation !== this.#isInMessage) {
      throw protocolError("fragments are out of order");
    }
    this.#isInMessage = !isFinal;
  }

  async #takeControl(head: FrameHead): Promise<void> {
    const payload = new Uint8Array(head.length);
    await this.#frames.readPayload(payload, head);
    if (head.opcode === Opcode.ping) {
      const isWaiting = this.#ping !== undefined;
      this.#ping = payload;
      // Reading goes on: a peer that takes nothing gets its pong later.
      if (!isWaiting) void this.#sendPong().catch(ignore);
    } else if (head.opcode === Opcode.close) {
      const { code = CloseCode.normal } = parseClosing(payload);
      this.#hasEnded = true;
      void this.#sendClose(code, "").catch(ignore);
    }
  }

  #sendPong(): Promise<void> {
    return this.#afterLastWrite(async () => {
      const payload = this.#ping ?? NOTHING;
      this.#ping = undefined;
      await this.#writeFrame(Opcode.pong, payload);
    });
  }

  async #sendClose(code: number, reason: string): Promise<void> {
    if (this.#isCloseSent) return;
    const payload = closingPayload(code, reason);
    await this.#afterLastWrite(async () => {
      if (this.#isCloseSent) return;
      // Set late: what was written before still goes out.
      this.#isCloseSent = true;
      await this.#writeBytes(Opcode.close, payload);
    });
  }

  #send(opcode: number, payload: Uint8Array): Promise<void> {
    return this.#afterLastWrite(() => this.#writeFrame(opcode, payload));
  }

  /** Frames go out one after the other, also those of several callers. */
  #afterLastWrite(write: () => Promise<void>): Promise<void> {
    const written = this.#lastWrite.then(write);
    this.#lastWrite = written.catch(ignore);
    return written;
  }

  async #writeFrame(opcode: number, payload: Uint8Array): Promise<void> {
    if (this.#isCloseSent) {
      throw new Deno.errors.BrokenPipe("The WebSocket is closed");
    }
    await this.#writeBytes(opcode, payload);
  }

  async #writeBytes(opcode: number, payload: Uint8Array): Promise<void> {
    const mask = this.#isClient ? randomMask() : undefined;
    const { length } = payload;
    const head = new Uint8Array(MAX_HEAD);
    const headSize = writeHead(head, {
      ...{ opcode, length, mask },
      isCompressed: false,
    });
    const frame = new Uint8Array(HEAD_ROOM + length);
    const start = HEAD_ROOM - headSize;
    frame.set(head.subarray(0, headSize), start);
    const content = frame.subarray(HEAD_ROOM);
    content.set(payload);
    if (mask !== undefined) applyMask(content, mask);
    await writeAll(this.#stream, frame.subarray(start));
  }
}

const NOTHING = new Uint8Array(0);

/** Reading says that the connection is gone. */
function ignore(): void {}
