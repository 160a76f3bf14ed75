import type { Http2Stats, RaisedLimits } from "../api.ts";
import {
  connectionError,
  ErrorCode,
  type Http2Error,
  overLimit,
} from "../errors.ts";
import { ReceiveWindow, SharedReceiveWindow } from "../flow/receive_window.ts";
import { SendScheduler } from "../flow/send_scheduler.ts";
import { newContention, type WindowGrowth } from "../flow/window_size.ts";
import { readBufferSize } from "../frames/frame_reader.ts";
import type { FrameWriter } from "../frames/frame_writer.ts";
import { ReadBufferPool } from "../frames/read_buffer_pool.ts";
import {
  decodeSettings,
  encodeSettings,
  type Http2Settings,
  INITIAL_SETTINGS,
  INITIAL_WINDOW,
  tableSizes,
} from "../frames/settings.ts";
import { HpackEncoder } from "../hpack/encoder.ts";
import type { ConnectionRole, ResolvedOptions } from "../options.ts";
import { checkSectionSize } from "../stream/message_validation.ts";
import {
  Stream,
  type StreamEnding,
  type StreamHost,
  type StreamRequest,
} from "../stream/stream.ts";
import { StreamTable } from "../stream/stream_table.ts";
import { AbuseLimits } from "./abuse_limits.ts";
import { ConcurrencyLimit } from "./concurrency_limit.ts";
import type { Liveness } from "./liveness.ts";
import { notSent } from "./connection_errors.ts";
import { Pings } from "./pings.ts";

/** Streams we open before the peer has announced its limit: the least that RFC 9113 §6.5.2 recommends. */
const INITIAL_STREAM_LIMIT = 100;

/** Shared by the streams of all connections: they share this program's time. */
const streamContention = newContention();

/** Counters of a connection. */
export type Counters = {
  -readonly [
    Name in
      | "framesReceived"
      | "streamsOpened"
      | "streamsRefused"
      | "resetsSent"
      | "resetsReceived"
      | "fieldSectionsRefused"
      | "limitReached"
  ]: Http2Stats[Name];
};

/** Options of a new state. */
export interface ConnectionStateOptions {
  readonly role: ConnectionRole;
  readonly options: ResolvedOptions;
  readonly writer: FrameWriter;
  /** Called when the last open stream has ended. */
  onIdle(): void;
}

/**
 * The parts of a connection that its streams and frames share, and how they
 * work together. `connection.ts` reads the socket and ends the connection.
 */
export class ConnectionState implements StreamHost {
  readonly role: ConnectionRole;
  readonly options: ResolvedOptions;
  readonly writer: FrameWriter;
  readonly scheduler: SendScheduler;
  readonly readBuffers: ReadBufferPool;
  readonly sharedWindow: SharedReceiveWindow;
  readonly streams: StreamTable;
  readonly concurrency: ConcurrencyLimit;
  readonly pings: Pings;
  readonly abuseLimits: AbuseLimits;
  readonly counters: Counters = {
    framesReceived: 0,
    streamsOpened: 0,
    streamsRefused: 0,
    resetsSent: 0,
    resetsReceived: 0,
    fieldSectionsRefused: 0,
    limitReached: undefined,
  };
  readonly #encoder = new HpackEncoder();
  readonly #growth: WindowGrowth;
  readonly #sharedGrowth: WindowGrowth;
  readonly #onIdle: () => void;
  #peerSettings = INITIAL_SETTINGS;
  /** Streams the peer may have open. */
  maxConcurrentStreams: number;

  /** Watches the peer once it has sent its SETTINGS. */
  liveness: Liveness | undefined;

  /** Requests of ours that have no stream yet. */
  openingRequests = 0;

  constructor({ role, options, writer, onIdle }: ConnectionStateOptions) {
    this.role = role;
    this.options = options;
    this.maxConcurrentStreams = options.maxConcurrentStreams;
    this.writer = writer;
    this.#onIdle = onIdle;
    this.scheduler = new SendScheduler(writer);
    this.readBuffers = new ReadBufferPool(readBufferSize(options.maxFrameSize));
    this.streams = new StreamTable(role);
    this.concurrency = new ConcurrencyLimit(INITIAL_STREAM_LIMIT, {
      maxWaiting: options.maxWaitingRequests,
      maxWait: options.streamWait,
      clock: options.clock,
    });
    const isKeepalive = options.pingInterval > 0;
    this.pings = new Pings(writer, options.clock, isKeepalive);
    this.abuseLimits = new AbuseLimits(options);
    const { maxWindow, clock } = options;
    const now = () => clock.now();
    const roundTrip = () => this.pings.shortestRoundTrip;
    const common = { maxSize: maxWindow, now, roundTrip };
    this.#growth = {
      ...common,
      left: options.maxGrowth,
      contention: streamContention,
    };
    this.#sharedGrowth = {
      ...common,
      left: maxWindow,
      contention: newContention(),
    };
    const window = new ReceiveWindow(
      options.connectionWindow,
      this.#sharedGrowth,
    );
    this.sharedWindow = new SharedReceiveWindow(window, options.maxUnread);
  }

  get peerSettings(): Http2Settings {
    return this.#peerSettings;
  }

  /** Lets the peer have more, from now on. */
  raiseLimits({ maxConcurrentStreams, maxWindow }: RaisedLimits): void {
    const more = Math.max(0, maxWindow - this.#growth.maxSize);
    for (const growth of [this.#growth, this.#sharedGrowth]) {
      growth.maxSize += more;
    }
    this.#sharedGrowth.left += more;
    if (maxConcurrentStreams <= this.maxConcurrentStreams) return;
    this.maxConcurrentStreams = maxConcurrentStreams;
    this.writer.settings(encodeSettings({ maxConcurrentStreams }));
  }

  /** Raises the connection's window above its initial value (§6.9.2). */
  sendInitialWindowUpdate(): void {
    const increment = this.options.connectionWindow - INITIAL_WINDOW;
    if (increment > 0) this.writer.windowUpdate(0, increment);
  }

  /** Lets the peer send `increment` bytes more on the connection. */
  sendWindowUpdate(increment: number): void {
    if (increment === 0) return;
    this.writer.windowUpdate(0, increment);
    this.pings.probeIfDue();
  }

  /**
   * Lets the peer send more on a stream, and with it on the connection: one
   * write for both.
   */
  sendStreamWindowUpdate(streamId: number, increment: number): void {
    this.writer.windowUpdate(streamId, increment);
    this.sendWindowUpdate(this.sharedWindow.flush());
  }

  /** Creates a stream for a request that was received or is about to be sent. */
  createStream(
    id: number,
    request: StreamRequest,
  ): Stream {
    const stream = new Stream(this, {
      ...request,
      id,
      role: this.role,
      sendWindow: this.#peerSettings.initialWindowSize,
      receiveWindow: new ReceiveWindow(
        this.options.streamWindow,
        this.#growth,
      ),
    });
    this.streams.add(stream);
    this.counters.streamsOpened++;
    return stream;
  }

  /** Applies SETTINGS of the peer and acknowledges them. */
  applySettings(payload: Uint8Array): void {
    const before = this.#peerSettings;
    const after = decodeSettings(payload, before, {
      mayEnablePush: this.role === "server",
    });
    this.#peerSettings = after;
    this.scheduler.maxFrameSize = after.maxFrameSize;
    // Intermediate values count, too: a table that was small for a moment has
    // lost its entries (RFC 7541 §4.2).
    for (const size of tableSizes(payload)) {
      this.#encoder.setPeerMaxTableSize(size);
    }
    // The acknowledgement comes first, then what the new values allow.
    this.writer.settingsAck();
    this.countReply();
    this.#adjustSendWindows(after.initialWindowSize - before.initialWindowSize);
    this.concurrency.setLimit(after.maxConcurrentStreams);
  }

  /** Counts a reply to the peer. Too many unread replies end the connection. */
  countReply(): void {
    if (this.writer.output.countReply() <= this.options.maxQueuedReplies) {
      return;
    }
    throw overLimit("maxQueuedAnswers");
  }

  /** Counts a WINDOW_UPDATE that is too small to be useful. */
  checkWindowUpdate(increment: number): void {
    if (!this.scheduler.isUsefulUpdate(increment)) {
      this.abuseLimits.onIdleFrame();
    }
  }

  /** Ends the connection when too many frames wait for a peer that does not read. */
  checkQueuedBytes(): void {
    if (this.writer.output.queuedBytes <= this.options.maxQueuedBytes) return;
    throw overLimit("maxQueuedBytes");
  }

  checkFields(fields: readonly string[]): void {
    checkSectionSize(fields, this.#peerSettings.maxHeaderListSize);
  }

  sendFields(
    streamId: number,
    fields: readonly string[],
    endStream: boolean,
  ): void {
    this.writer.headers(streamId, this.#encoder.encode(fields), {
      endStream,
      maxFrameSize: this.#peerSettings.maxFrameSize,
    });
  }

  onConsumed(length: number): void {
    this.sendWindowUpdate(this.sharedWindow.release(length));
  }

  onEnded(streamId: number, ending: StreamEnding): void {
    this.streams.remove(streamId, ending);
    if (ending === "resetByUs") this.counters.resetsSent++;
    if (this.role === "client") this.concurrency.release();
    if (this.streams.size === 0) this.#onIdle();
  }

  /** Ends everything that waits for the peer. */
  abort(error: Http2Error): void {
    this.counters.limitReached = error.limit;
    this.concurrency.fail(notSent(error));
    this.pings.fail(error);
    const { bytesPassed } = this.writer.output;
    for (const stream of this.streams) {
      const isSent = stream.sentFrom < bytesPassed;
      stream.abort(isSent ? error : notSent(error));
    }
  }

  /** Resets the streams whose requests may go to another connection. */
  resetMovable(error: Http2Error): void {
    for (const stream of this.streams) {
      if (stream.isMovable && stream.awaitsResponse) stream.resetWith(error);
    }
  }

  /** Whether a request of ours has no response yet. */
  get awaitsResponse(): boolean {
    for (const stream of this.streams) {
      if (stream.awaitsResponse) return true;
    }
    return false;
  }

  /** "a change to SETTINGS_INITIAL_WINDOW_SIZE … MUST adjust the size of all stream flow-control windows" (§6.9.2) */
  #adjustSendWindows(difference: number): void {
    if (difference === 0) return;
    for (const stream of this.streams) {
      if (stream.receiveWindow(difference)) continue;
      throw connectionError(
        ErrorCode.FLOW_CONTROL_ERROR,
        `Cannot apply SETTINGS: the window of stream ${stream.id} would be too large`,
      );
    }
  }
}
