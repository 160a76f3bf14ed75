/**
 * Handles the frames of streams: DATA, HEADERS, RST_STREAM, WINDOW_UPDATE,
 * PRIORITY (RFC 9113 §6.1–6.4, 6.9). Also on streams that are not open (§5.1).
 */
import type { Http2ServerStream } from "../api.ts";
import {
  connectionError,
  ErrorCode,
  errorCodeName,
  Http2Error,
  type Http2ErrorCode,
  streamError,
} from "../errors.ts";
import type { FieldBlock } from "../frames/field_block.ts";
import {
  Flag,
  type FrameHeader,
  frameName,
  readUint31,
  readUint32,
} from "../frames/frame_header.ts";
import type { ReadBuffer } from "../frames/read_buffer_pool.ts";
import { HpackDecoder } from "../hpack/decoder.ts";
import { HpackError } from "../hpack/errors.ts";
import { checkRequest } from "../stream/message_validation.ts";
import type { Stream } from "../stream/stream.ts";
import {
  dependsOnItself,
  notOpen,
  tooLarge,
  wrongPriority,
} from "../stream/stream_errors.ts";
import { canReceive } from "../stream/stream_state.ts";
import type { ConnectionState } from "./connection_state.ts";

/** Shorter frames on streams that we have reset count against the peer. Few fit into the window it had. */
const MIN_LATE = 1024;

/** How new streams of the peer are handled. */
export interface StreamFramesOptions {
  /** Whether streams with this number are accepted: not after our last GOAWAY. */
  acceptsStream(id: number): boolean;
  onStream(stream: Http2ServerStream): void;
}

/** Receives the frames that belong to streams. */
export class StreamFrames {
  readonly #connection: ConnectionState;
  readonly #options: StreamFramesOptions;
  readonly #decoder: HpackDecoder;
  /** The stream of the current DATA frame; `undefined` when its content is dropped. */
  #receiver: Stream | undefined;
  #endsStream = false;

  constructor(connection: ConnectionState, options: StreamFramesOptions) {
    this.#connection = connection;
    this.#options = options;
    const { maxFieldSectionSize } = connection.options;
    this.#decoder = new HpackDecoder({ maxFieldSectionSize });
  }

  /** Starts a DATA frame. */
  onData(header: FrameHeader, padding: number): void {
    const { length, streamId } = header;
    const { sharedWindow, streams, abuseLimits, pings } = this.#connection;
    pings.onFirstContent();
    this.#receiver = undefined;
    this.#endsStream = (header.flags & Flag.END_STREAM) !== 0;
    if (!sharedWindow.consume(length)) {
      throw connectionError(
        ErrorCode.FLOW_CONTROL_ERROR,
        `Cannot accept DATA of ${length} bytes: the connection's window is used up`,
      );
    }
    if (length === padding && !this.#endsStream) abuseLimits.onIdleFrame();
    if (padding > 0) {
      this.#connection.sendWindowUpdate(sharedWindow.discard(padding));
    }
    const stream = streams.find(streamId);
    if (stream === undefined) return this.#onNotOpen(header);
    try {
      checkCanReceive(stream, header);
      stream.receiveData(length, padding);
      this.#receiver = stream;
    } catch (error) {
      this.#onError(streamId, error);
    }
  }

  /** Receives content of the current DATA frame. */
  onContent(buffer: ReadBuffer, start: number, end: number): void {
    const { sharedWindow } = this.#connection;
    const receiver = this.#receiver;
    const length = end - start;
    if (receiver === undefined || !canReceive(receiver.state)) {
      return this.#connection.sendWindowUpdate(sharedWindow.discard(length));
    }
    this.#connection.sendWindowUpdate(sharedWindow.hold(length));
    receiver.receiveContent(buffer, start, end);
  }

  /** Ends the current DATA frame. */
  onDataEnd(): void {
    const receiver = this.#receiver;
    this.#receiver = undefined;
    if (!this.#endsStream || receiver === undefined) return;
    if (!canReceive(receiver.state)) return;
    try {
      receiver.receiveEnd();
    } catch (error) {
      this.#onError(receiver.id, error);
    }
  }

  /** Receives a complete field block. */
  onFields(block: FieldBlock, header: FrameHeader): void {
    const { streamId, endStream } = block;
    // Always decoded, even if it is dropped: the dynamic table has to stay in step (§4.3).
    const fields = this.#decode(block.bytes);
    const { streams } = this.#connection;
    const stream = streams.find(streamId);
    if (stream === undefined && !streams.canBegin(streamId)) {
      return this.#onNotOpen(header);
    }
    if (stream === undefined) streams.begin(streamId);
    try {
      if (stream !== undefined) checkCanReceive(stream, header);
      if (block.dependsOnItself) throw dependsOnItself(streamId);
      if (fields instanceof HpackError) throw tooLarge(fields);
      if (stream === undefined) this.#begin(streamId, fields, endStream);
      else stream.receiveFields(fields, endStream);
    } catch (error) {
      this.#onError(streamId, error);
    }
  }

  /** Receives RST_STREAM. */
  onReset(header: FrameHeader, payload: Uint8Array): void {
    const { streams, abuseLimits, counters } = this.#connection;
    const stream = streams.find(header.streamId);
    if (stream === undefined) return this.#onUselessFrame(header);
    counters.resetsReceived++;
    const code: Http2ErrorCode = readUint32(payload, 0);
    stream.abort(
      new Http2Error(
        `Cannot use stream ${stream.id}: the peer reset it with ${
          errorCodeName(code)
        }`,
        { code, scope: "stream", initiator: "peer" },
      ),
    );
    if (this.#connection.role === "server") abuseLimits.onReset();
  }

  /** Receives WINDOW_UPDATE for a stream. */
  onWindowUpdate(header: FrameHeader, payload: Uint8Array): void {
    const { streams } = this.#connection;
    const increment = readUint31(payload, 0);
    const stream = streams.find(header.streamId);
    if (stream === undefined) return this.#onUselessFrame(header);
    this.#connection.checkWindowUpdate(increment);
    try {
      // "A receiver MUST treat the receipt of a WINDOW_UPDATE frame with a flow-control window increment of 0 as a stream error of type PROTOCOL_ERROR" (§6.9)
      if (increment === 0) {
        throw streamError(
          ErrorCode.PROTOCOL_ERROR,
          "Cannot increase a window by 0",
        );
      }
      if (stream.receiveWindow(increment)) return;
      throw streamError(
        ErrorCode.FLOW_CONTROL_ERROR,
        `Cannot increase the window of stream ${stream.id} by ${increment}: it would be too large`,
      );
    } catch (error) {
      this.#onError(stream.id, error);
    }
  }

  /** Receives PRIORITY, which has no meaning any more (§5.3.2). */
  onPriority(header: FrameHeader, payload: Uint8Array): void {
    this.#connection.abuseLimits.onIdleFrame();
    const { streamId } = header;
    if (payload.length !== 5) {
      return this.#reset(streamId, wrongPriority(payload.length));
    }
    if (readUint31(payload, 0) === streamId) {
      this.#reset(streamId, dependsOnItself(streamId));
    }
  }

  /** An error of the stream ends only the stream. */
  #onError(streamId: number, error: unknown): void {
    const isOfStream = error instanceof Http2Error && error.scope === "stream";
    if (!isOfStream) throw error;
    this.#reset(streamId, error);
  }

  #reset(streamId: number, error: Http2Error): void {
    const { streams, writer, counters, abuseLimits } = this.#connection;
    // RST_STREAM must not be sent for an idle stream (§6.4).
    if (streams.isIdle(streamId)) {
      throw connectionError(error.code, error.message);
    }
    const stream = streams.find(streamId);
    if (stream !== undefined) stream.reset(error.code, error);
    else {
      writer.resetStream(streamId, error.code);
      counters.resetsSent++;
      streams.remove(streamId, "resetByUs");
    }
    abuseLimits.onReset();
    this.#connection.countReply();
  }

  #decode(block: Uint8Array): string[] | HpackError {
    try {
      return this.#decoder.decode(block);
    } catch (error) {
      if (!(error instanceof HpackError)) throw error;
      if (error.code === "tooLarge") {
        this.#connection.counters.fieldSectionsRefused++;
        return error;
      }
      throw connectionError(ErrorCode.COMPRESSION_ERROR, error.message, {
        cause: error,
        ...error.code === "bomb" && { limit: "fieldSection" },
      });
    }
  }

  #begin(streamId: number, fields: string[], endStream: boolean): void {
    const { streams, options, counters } = this.#connection;
    if (
      streams.size >= this.#connection.maxConcurrentStreams ||
      !this.#options.acceptsStream(streamId)
    ) {
      counters.streamsRefused++;
      throw streamError(
        ErrorCode.REFUSED_STREAM,
        `Cannot accept stream ${streamId}: ${streams.size} are open`,
      );
    }
    const validated = checkRequest(fields, options);
    const request = { fields, validated, endStream };
    const stream = this.#connection.createStream(streamId, request);
    if (endStream) stream.receiveEnd();
    this.#options.onStream(stream);
  }

  /** Receives DATA or HEADERS on a stream that is not open (§5.1). */
  #onNotOpen(header: FrameHeader): void {
    const { streams } = this.#connection;
    const { streamId } = header;
    this.#checkNotIdle(header);
    switch (streams.endingOf(streamId)) {
      case "resetByUs":
        // It was sent before our reset arrived: "an endpoint MUST … discard any
        // frames it receives in this state".
        if (header.length < MIN_LATE) {
          this.#connection.abuseLimits.onIdleFrame();
        }
        return;
      case "resetByPeer":
        return this.#reset(streamId, notOpen(header));
      case "ended":
        throw connectionError(
          ErrorCode.STREAM_CLOSED,
          notOpen(header).message,
        );
      case undefined:
        // "The identifier of a newly established stream MUST be numerically greater than all streams that the initiating endpoint has opened" (§5.1.1)
        throw connectionError(
          ErrorCode.PROTOCOL_ERROR,
          notOpen(header).message,
        );
    }
  }

  /** Receives RST_STREAM or WINDOW_UPDATE on a stream that is not open: allowed, but useless. */
  #onUselessFrame(header: FrameHeader): void {
    this.#checkNotIdle(header);
    this.#connection.abuseLimits.onIdleFrame();
  }

  /** Only HEADERS and PRIORITY may come for an idle stream (§5.1). */
  #checkNotIdle(header: FrameHeader): void {
    if (!this.#connection.streams.isIdle(header.streamId)) return;
    throw connectionError(
      ErrorCode.PROTOCOL_ERROR,
      `Cannot accept ${
        frameName(header.type)
      } on stream ${header.streamId}: it is idle`,
    );
  }
}

/** "If an endpoint receives additional frames, other than WINDOW_UPDATE, PRIORITY, or RST_STREAM, for a stream that is in this state, it MUST respond with a stream error of type STREAM_CLOSED" (§5.1, half-closed (remote)) */
function checkCanReceive(stream: Stream, header: FrameHeader): void {
  if (!canReceive(stream.state)) throw notOpen(header);
}
