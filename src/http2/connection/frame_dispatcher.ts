/** Passes each frame to its handler, and checks the order of frames. */
import {
  connectionError,
  ErrorCode,
  type Http2Error,
  overLimit,
} from "../errors.ts";
import { type FieldBlock, FieldBlockAssembler } from "../frames/field_block.ts";
import {
  Flag,
  type FrameHeader,
  frameName,
  FrameType,
  readUint31,
  readUint32,
} from "../frames/frame_header.ts";
import type { FrameHandler } from "../frames/frame_reader.ts";
import type { ReadBuffer } from "../frames/read_buffer_pool.ts";
import type { ConnectionState } from "./connection_state.ts";
import { StreamFrames, type StreamFramesOptions } from "./stream_frames.ts";

/** A compressed block is hardly ever longer than its fields. */
const MAX_BLOCK_FACTOR = 2;

/** What the connection does about frames that concern it as a whole. */
export interface FrameDispatcherOptions extends StreamFramesOptions {
  /** The first SETTINGS of the peer were applied. */
  onReady(): void;
  /** The peer takes too long. */
  onTimeout(error: Http2Error): void;
  /** The peer accepts no streams above `lastStreamId` any more. */
  onGoAway(lastStreamId: number, code: number): void;
}

/** Receives all frames of one connection. */
export class FrameDispatcher implements FrameHandler, Disposable {
  readonly #connection: ConnectionState;
  readonly #options: FrameDispatcherOptions;
  readonly #streamFrames: StreamFrames;
  readonly #blocks: FieldBlockAssembler;
  #isReady = false;
  #blockTimer: Disposable | undefined;

  constructor(connection: ConnectionState, options: FrameDispatcherOptions) {
    this.#connection = connection;
    this.#options = options;
    this.#streamFrames = new StreamFrames(connection, options);
    const { maxContinuations, maxFieldSectionSize, maxFrameSize } =
      connection.options;
    this.#blocks = new FieldBlockAssembler({
      maxContinuations,
      maxBytes: Math.max(maxFrameSize, MAX_BLOCK_FACTOR * maxFieldSectionSize),
    });
  }

  onData(header: FrameHeader, padding: number): void {
    this.#checkOrder(header);
    this.#streamFrames.onData(header, padding);
  }

  onContent(buffer: ReadBuffer, start: number, end: number): void {
    this.#streamFrames.onContent(buffer, start, end);
  }

  onDataEnd(): void {
    this.#streamFrames.onDataEnd();
  }

  onFrame(header: FrameHeader, payload: Uint8Array): void {
    this.#checkOrder(header);
    switch (header.type) {
      case FrameType.HEADERS:
        return this.#onBlock(header, this.#blocks.begin(header, payload));
      case FrameType.CONTINUATION:
        return this.#onBlock(header, this.#blocks.continue(header, payload));
      case FrameType.PRIORITY:
        return this.#streamFrames.onPriority(header, payload);
      case FrameType.RST_STREAM:
        return this.#streamFrames.onReset(header, payload);
      case FrameType.SETTINGS:
        return this.#onSettings(header, payload);
      case FrameType.PUSH_PROMISE:
        // Clients never push (§8.4), and as a client we set ENABLE_PUSH to 0.
        throw connectionError(
          ErrorCode.PROTOCOL_ERROR,
          "Cannot accept PUSH_PROMISE: push is disabled",
        );
      case FrameType.PING:
        return this.#onPing(header, payload);
      case FrameType.GOAWAY:
        return this.#options.onGoAway(
          readUint31(payload, 0),
          readUint32(payload, 4),
        );
      case FrameType.WINDOW_UPDATE:
        return this.#onWindowUpdate(header, payload);
      default:
        // "Implementations MUST ignore and discard frames of unknown types" (§5.5)
        return this.#connection.abuseLimits.onIdleFrame();
    }
  }

  #checkOrder(header: FrameHeader): void {
    this.#connection.counters.framesReceived++;
    this.#connection.checkQueuedBytes();
    this.#blocks.checkOrder(header);
    if (this.#isReady) return;
    // "The server connection preface consists of a potentially empty SETTINGS frame that MUST be the first frame the server sends"; the client's likewise (§3.4)
    const { type, flags } = header;
    if (type === FrameType.SETTINGS && (flags & Flag.ACK) === 0) return;
    throw connectionError(
      ErrorCode.PROTOCOL_ERROR,
      `Cannot start with ${frameName(type)}: SETTINGS must come first`,
    );
  }

  #onBlock(header: FrameHeader, block: FieldBlock | undefined): void {
    if (block !== undefined) {
      this.#blockTimer?.[Symbol.dispose]();
      this.#blockTimer = undefined;
      return this.#streamFrames.onFields(block, header);
    }
    const { clock, fieldBlockTimeout } = this.#connection.options;
    if (fieldBlockTimeout === 0) return;
    this.#blockTimer ??= clock.timer(
      fieldBlockTimeout,
      () => this.#options.onTimeout(overLimit("fieldBlockTimeout")),
    );
  }

  /** Stops the timer of an incomplete field block. */
  [Symbol.dispose](): void {
    this.#blockTimer?.[Symbol.dispose]();
  }

  #onSettings({ flags }: FrameHeader, payload: Uint8Array): void {
    this.#connection.abuseLimits.onSettings();
    // Our settings apply from the start: each one only allows the peer more.
    if ((flags & Flag.ACK) !== 0) {
      return this.#connection.pings.settingsAcknowledged();
    }
    this.#connection.applySettings(payload);
    if (this.#isReady) return;
    this.#isReady = true;
    this.#options.onReady();
  }

  #onPing({ flags }: FrameHeader, payload: Uint8Array): void {
    const { pings, abuseLimits, writer } = this.#connection;
    if ((flags & Flag.ACK) !== 0) return pings.acknowledge(payload);
    abuseLimits.onIdleFrame();
    writer.pingAck(payload);
    this.#connection.countReply();
  }

  #onWindowUpdate(header: FrameHeader, payload: Uint8Array): void {
    if (header.streamId !== 0) {
      return this.#streamFrames.onWindowUpdate(header, payload);
    }
    const increment = readUint31(payload, 0);
    if (increment === 0) {
      throw connectionError(
        ErrorCode.PROTOCOL_ERROR,
        "Cannot increase a window by 0",
      );
    }
    this.#connection.checkWindowUpdate(increment);
    if (this.#connection.scheduler.increaseWindow(increment)) return;
    throw connectionError(
      ErrorCode.FLOW_CONTROL_ERROR,
      `Cannot increase the connection's window by ${increment}: it would be too large`,
    );
  }
}
