/**
 * A stream: its state, its two halves, and the messages on it, for both roles.
 *
 * Methods that begin with `receive` are called for received frames, the others
 * by the user of the stream. The interfaces in `api.ts` show each role its
 * part.
 */
import type { ByteReader, ByteWriter } from "../../net/stream/byte_stream.ts";
import type {
  Http2ClientStream,
  Http2Response,
  Http2ServerStream,
  InterimTarget,
} from "../api.ts";
import {
  ErrorCode,
  type Http2Error,
  type Http2ErrorCode,
  streamError,
} from "../errors.ts";
import type { ReceiveWindow } from "../flow/receive_window.ts";
import { sendAll } from "../flow/send_all.ts";
import type { SendScheduler } from "../flow/send_scheduler.ts";
import type { FrameWriter } from "../frames/frame_writer.ts";
import type { ReadBuffer, ReadBufferPool } from "../frames/read_buffer_pool.ts";
import type { ConnectionRole } from "../options.ts";
import { ContentReceiver } from "./content_receiver.ts";
import { ContentSender } from "./content_sender.ts";
import {
  asCallerError,
  checkResponse,
  checkTrailers,
  isInterim,
  type ValidatedRequest,
} from "./message_validation.ts";
import { PendingResponse } from "./pending_response.ts";
import { StreamEnd } from "./stream_end.ts";
import { cannotSend, resetLocally } from "./stream_errors.ts";
import {
  afterLocalEnd,
  afterRemoteEnd,
  canReceive,
  canSend,
  type StreamState,
} from "./stream_state.ts";

/** How a stream ended. It decides what a late frame on it means (§5.1). */
export type StreamEnding = "ended" | "resetByUs" | "resetByPeer";

/** What a stream needs of its connection. */
export interface StreamHost {
  readonly writer: FrameWriter;
  readonly scheduler: SendScheduler;
  readonly readBuffers: ReadBufferPool;
  /**
   * Checks that the peer accepts fields of this size.
   *
   * @throws {Http2Error} Of the stream, when it does not.
   */
  checkFields(fields: readonly string[]): void;
  /** Encodes and sends fields at once: field blocks are sent in the order of the calls. */
  sendFields(
    streamId: number,
    fields: readonly string[],
    endStream: boolean,
  ): void;
  /** Content of `length` bytes was read or dropped. */
  onConsumed(length: number): void;
  /** Lets the peer send `increment` bytes more on a stream. */
  sendStreamWindowUpdate(streamId: number, increment: number): void;
  /** The stream has ended: nothing more is sent or received on it. */
  onEnded(streamId: number, ending: StreamEnding): void;
}

/** The request of a stream, received or about to be sent. */
export interface StreamRequest {
  readonly fields: string[];
  readonly validated: ValidatedRequest;
  readonly endStream: boolean;
}

/** Options of a new stream. */
export interface StreamOptions extends StreamRequest {
  readonly role: ConnectionRole;
  readonly id: number;
  /** What the peer accepts at the start, in bytes. */
  readonly sendWindow: number;
  readonly receiveWindow: ReceiveWindow;
}

/** One stream of a connection. */
export class Stream implements Http2ClientStream, Http2ServerStream {
  readonly id: number;
  readonly fields: string[];
  readonly endStream: boolean;
  interimTarget: InterimTarget | undefined;
  isMovable = false;
  /** Where the fields of the request begin among the bytes of the connection. A peer's are there already. */
  sentFrom = -1;

  readonly #host: StreamHost;
  readonly #receiver: ContentReceiver;
  readonly #sender: ContentSender;
  readonly #end = new StreamEnd();
  #state: StreamState = "open";
  #error: Http2Error | undefined;
  /** In the client role only. */
  readonly #pendingResponse: PendingResponse | undefined;
  #hasSentHeaders: boolean;

  constructor(host: StreamHost, options: StreamOptions) {
    const { id, role } = options;
    this.id = id;
    this.fields = options.fields;
    this.endStream = options.endStream;
    this.#host = host;
    this.#hasSentHeaders = role === "client";
    if (role === "client") {
      this.#pendingResponse = new PendingResponse(options.validated.method);
    }
    this.#receiver = new ContentReceiver({
      readBuffers: host.readBuffers,
      window: options.receiveWindow,
      onConsumed: (length, increment) => this.#onConsumed(length, increment),
    });
    this.#sender = new ContentSender({
      streamId: id,
      window: options.sendWindow,
      writer: host.writer,
      scheduler: host.scheduler,
    });
    if (role === "server") {
      this.#receiver.expectLength(options.validated.contentLength);
    }
  }

  get state(): StreamState {
    return this.#state;
  }

  get response(): Promise<Http2Response> {
    return this.#pendingResponse?.response ??
      Promise.reject(
        new TypeError("Cannot await a response: this is a server"),
      );
  }

  /** Whether its response is still to come; `false` in the server role. */
  get awaitsResponse(): boolean {
    return this.#state !== "closed" &&
      this.#pendingResponse?.isPending === true;
  }

  get trailers(): readonly string[] | undefined {
    return this.#receiver.trailers;
  }

  get failure(): Error | undefined {
    return this.#error;
  }

  get closed(): Promise<void> {
    return this.#end.closed;
  }

  get signal(): AbortSignal {
    return this.#end.signal;
  }

  read(into: Uint8Array): Promise<number | null> {
    return this.#receiver.read(into);
  }

  writeTo(sink: ByteWriter): Promise<number> {
    return this.#receiver.writeTo(sink);
  }

  write(bytes: Uint8Array): Promise<number> {
    const refusal = this.#sendError();
    if (refusal !== undefined) return Promise.reject(refusal);
    return this.#sender.write(bytes);
  }

  readFrom(source: ByteReader): Promise<number> {
    return sendAll(source, this);
  }

  async inform(fields: readonly string[]): Promise<void> {
    while (this.#host.writer.output.isFull) await this.#waitForRoom();
    this.#checkResponse(fields, true);
    this.#host.sendFields(this.id, fields, false);
    await undefined;
  }

  async respond(
    fields: readonly string[],
    { endStream = false }: { readonly endStream?: boolean } = {},
  ): Promise<void> {
    while (this.#host.writer.output.isFull) await this.#waitForRoom();
    this.#checkResponse(fields, false);
    this.#hasSentHeaders = true;
    this.#host.sendFields(this.id, fields, endStream);
    if (endStream) this.#endLocal();
    await undefined;
  }

  async sendTrailers(fields: readonly string[]): Promise<void> {
    const refusal = this.#sendError();
    if (refusal !== undefined) throw refusal;
    asCallerError(() => checkTrailers(fields));
    this.#host.checkFields(fields);
    this.#host.sendFields(this.id, fields, true);
    this.#endLocal();
    await undefined;
  }

  async closeWrite(): Promise<void> {
    if (this.#error === undefined && !canSend(this.#state)) return;
    const refusal = this.#sendError();
    if (refusal !== undefined) throw refusal;
    this.#sender.end();
    this.#endLocal();
    await undefined;
  }

  close(): void {
    // A server that has sent its whole response asks the client to stop sending without an error (§8.1).
    const hasResponded = this.#pendingResponse === undefined &&
      this.#state === "halfClosedLocal";
    this.reset(hasResponded ? ErrorCode.NO_ERROR : ErrorCode.CANCEL);
  }

  reset(code: Http2ErrorCode, cause?: unknown): void {
    // Each exchange ends here. Most have ended already, and an error costs its stack.
    if (this.#isDone) return;
    this.resetWith(resetLocally(this.id, code, cause));
  }

  /** Whether nothing is left to reset. */
  get #isDone(): boolean {
    return this.#state === "closed" && this.#receiver.isDone;
  }

  /** Resets the stream with the code of `error`, which its users get. */
  resetWith(error: Http2Error): void {
    if (this.#isDone) return;
    const wasOpen = this.#state !== "closed";
    if (wasOpen) this.#host.writer.resetStream(this.id, error.code);
    this.#receiver.fail(error);
    if (wasOpen) this.#fail(error, "resetByUs");
  }

  /** The request was sent and has no content. */
  endRequest(): void {
    this.#endLocal();
  }

  /** Calls `action` once, when the stream has ended. */
  onceClosed(action: () => void): void {
    this.#end.once(action);
  }

  /** Receives a field block: a response, or trailers. */
  receiveFields(fields: string[], endStream: boolean): void {
    if (this.#pendingResponse?.isPending) {
      return this.#receiveResponse(this.#pendingResponse, fields, endStream);
    }
    if (!endStream) {
      throw streamError(
        ErrorCode.PROTOCOL_ERROR,
        "Cannot accept trailers without END_STREAM",
      );
    }
    checkTrailers(fields);
    this.receiveEnd(fields);
  }

  /** Starts a DATA frame. */
  receiveData(length: number, padding: number): void {
    if (this.#pendingResponse?.isPending) {
      throw streamError(
        ErrorCode.PROTOCOL_ERROR,
        "Cannot accept DATA before a response",
      );
    }
    this.#sendWindowUpdate(this.#receiver.begin(length, padding));
  }

  /** Receives content: `buffer` from `start` to `end`. */
  receiveContent(buffer: ReadBuffer, start: number, end: number): void {
    this.#receiver.push(buffer, start, end);
  }

  /** Receives END_STREAM. */
  receiveEnd(trailers?: readonly string[]): void {
    this.#receiver.end(trailers);
    this.#state = afterRemoteEnd(this.#state);
    if (this.#state === "closed") this.#settle("ended");
  }

  /** Receives WINDOW_UPDATE, or a change of the initial window; `false` when the window exceeds the maximum. */
  receiveWindow(increment: number): boolean {
    return this.#sender.increaseWindow(increment);
  }

  /** The stream ends early: RST_STREAM came, or the connection died. Complete content stays readable. */
  abort(error: Http2Error): void {
    if (this.#state === "closed") return;
    if (canReceive(this.#state)) this.#receiver.fail(error);
    this.#fail(error, "resetByPeer");
  }

  #receiveResponse(
    pending: PendingResponse,
    fields: string[],
    endStream: boolean,
  ): void {
    const result = pending.receive(fields, endStream);
    if (result === "interim") {
      this.isMovable = false;
      return this.interimTarget?.onInterim(fields);
    }
    this.#receiver.expectLength(result.contentLength);
    if (endStream) this.receiveEnd();
    pending.resolve({ fields, endStream });
  }

  #sendError(): Error | undefined {
    if (this.#error !== undefined) return this.#error;
    if (!this.#hasSentHeaders) return cannotSend("there is no response yet");
    if (!canSend(this.#state)) return cannotSend("its sending half has ended");
    if (this.#sender.isWaiting) return cannotSend("another write is waiting");
    return undefined;
  }

  #checkResponse(fields: readonly string[], mustBeInterim: boolean): void {
    if (this.#error !== undefined) throw this.#error;
    if (this.#hasSentHeaders) throw cannotSend("it already has a response");
    const { status } = asCallerError(() => checkResponse(fields));
    if (isInterim(status) !== mustBeInterim) {
      throw cannotSend(`status ${status} is not allowed here`);
    }
    this.#host.checkFields(fields);
  }

  /** Waits for space for a field section, or for the end of the stream. The caller checks which. */
  async #waitForRoom(): Promise<void> {
    if (this.#error !== undefined) throw this.#error;
    await Promise.race([this.#host.writer.output.room, this.closed]);
  }

  #onConsumed(length: number, increment: number): void {
    this.#host.onConsumed(length);
    this.#sendWindowUpdate(increment);
  }

  #sendWindowUpdate(increment: number): void {
    if (increment === 0 || !canReceive(this.#state)) return;
    this.#host.sendStreamWindowUpdate(this.id, increment);
  }

  #endLocal(): void {
    this.#state = afterLocalEnd(this.#state);
    if (this.#state === "closed") this.#settle("ended");
  }

  #fail(error: Http2Error, ending: StreamEnding): void {
    this.#error = error;
    this.#state = "closed";
    this.#sender.fail(error);
    this.#pendingResponse?.fail(error);
    this.#settle(ending);
  }

  #settle(ending: StreamEnding): void {
    this.#receiver.release();
    this.#host.onEnded(this.id, ending);
    this.#end.settle(this.#error);
  }
}
