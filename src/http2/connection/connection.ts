/**
 * The life of a connection: its start, its operations, and every kind of end
 * (RFC 9113 §3.4, §5.4.1, §6.8, §9.1).
 */
import { type ByteStream, closeQuietly } from "../../net/stream/byte_stream.ts";
import type {
  Http2Client,
  Http2ClientStream,
  Http2Server,
  Http2ServerStream,
  Http2Stats,
  RaisedLimits,
} from "../api.ts";
import { ErrorCode, Http2Error, transportError } from "../errors.ts";
import { CLIENT_PREFACE } from "../frames/frame_header.ts";
import { FrameReader } from "../frames/frame_reader.ts";
import { FrameWriter } from "../frames/frame_writer.ts";
import {
  encodeSettings,
  type Http2Settings,
  MAX_WINDOW,
} from "../frames/settings.ts";
import { WriteBuffer } from "../frames/write_buffer.ts";
import {
  type ConnectionRole,
  localSettings,
  type ResolvedOptions,
} from "../options.ts";
import {
  closedByPeer,
  closedLocally,
  noNewStreams,
  notProcessed,
  peerSilent,
  peerTimedOut,
  readingFailed,
} from "./connection_errors.ts";
import { ConnectionState } from "./connection_state.ts";
import { liveStats } from "./connection_stats.ts";
import { FrameDispatcher } from "./frame_dispatcher.ts";
import { openRequest } from "./open_request.ts";
import { Liveness } from "./liveness.ts";

/** The highest stream number. A GOAWAY with it announces the end and refuses no stream yet (§6.8). */
const ALL_STREAMS = MAX_WINDOW;

/** Options of a new connection. */
export interface ConnectionOptions {
  readonly role: ConnectionRole;
  readonly options: ResolvedOptions;
  onStream(stream: Http2ServerStream): void;
}

/** One connection, in either role. */
export class Connection implements Http2Client, Http2Server {
  readonly done: Promise<void>;
  readonly stats: Http2Stats;
  readonly #conn: ByteStream;
  readonly #options: ResolvedOptions;
  readonly #state: ConnectionState;
  readonly #writer: FrameWriter;
  readonly #reader: FrameReader;
  readonly #ready: PromiseWithResolvers<void> = Promise.withResolvers();
  readonly #idle: PromiseWithResolvers<void> = Promise.withResolvers();
  readonly #readingEnded: PromiseWithResolvers<void> = Promise.withResolvers();
  /** Timers and listeners to stop at the end. */
  readonly #untilEnd: DisposableStack = new DisposableStack();
  #handshake: Disposable | undefined;
  /** Streams of the peer above this are refused: the number in our last GOAWAY. */
  #lastAccepted = ALL_STREAMS;
  #isDraining = false;
  /** The peer's GOAWAY: its error, or `"graceful"`. */
  #peerGoAway: Http2Error | "graceful" | undefined;
  /** Why the connection ended. `"closed"`: this side wanted it, or nothing was left to do. */
  #endReason: Http2Error | "closed" | undefined;
  #closing: Promise<void> | undefined;

  constructor(
    conn: ByteStream,
    { role, options, onStream }: ConnectionOptions,
  ) {
    this.#conn = conn;
    this.#options = options;
    const output = new WriteBuffer(conn, {
      onRoom: () => this.#state.scheduler.giveTurns(),
      onError: (error) => this.#finish(transportError("write to", error)),
    });
    this.#writer = new FrameWriter(output);
    this.#state = new ConnectionState({
      role,
      options,
      writer: this.#writer,
      onIdle: () => this.#onIdle(),
    });
    this.#reader = this.#createReader(role, onStream);
    this.stats = liveStats(this.#state, this.#reader);
    this.#begin(role);
    this.done = this.#run();
    // Callers that ignore these promises see the failure on their streams.
    this.done.catch(() => {});
    this.#ready.promise.catch(() => {});
  }

  get openingRequests(): number {
    return this.#state.openingRequests;
  }

  get openStreams(): number {
    return this.#state.streams.size;
  }

  get acceptsStreams(): boolean {
    return this.#endReason === undefined && !this.#isDraining &&
      this.#peerGoAway === undefined && this.#state.streams.hasIds;
  }

  get peerSettings(): Http2Settings {
    return this.#state.peerSettings;
  }

  request(
    fields: readonly string[],
    options: { readonly endStream?: boolean; readonly signal?: AbortSignal } =
      {},
  ): Promise<Http2ClientStream> {
    return openRequest(fields, {
      ...options,
      connection: this.#state,
      ready: this.#ready.promise,
      checkOpen: () => {
        if (!this.acceptsStreams) throw noNewStreams();
      },
    });
  }

  get maxStreams(): number {
    return this.#state.concurrency.limit;
  }

  get owesReply(): boolean {
    return this.#state.liveness?.owesReply ?? false;
  }

  get silence(): number {
    return this.#state.liveness?.silence ?? 0;
  }

  get lag(): number {
    return this.#state.pings.lag;
  }

  check(): void {
    if (this.#endReason === undefined) this.#state.liveness?.check();
  }

  resetMovable(): void {
    this.#state.resetMovable(peerSilent(this.silence));
  }

  ping(): Promise<number> {
    if (this.#endReason !== undefined) {
      return Promise.reject(this.#endError(this.#endReason));
    }
    return this.#state.pings.send();
  }

  raiseLimits(limits: RaisedLimits): void {
    this.#state.raiseLimits(limits);
  }

  async drain(): Promise<void> {
    if (this.#endReason === undefined && !this.#isDraining) {
      this.#isDraining = true;
      this.#state.concurrency.fail(noNewStreams());
      await this.#sendGoAway();
      if (this.openStreams === 0) this.#idle.resolve();
    }
    await Promise.race([this.#idle.promise, this.#readingEnded.promise]);
    await this[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#close();
    // The reason is for those who await `done`.
    await this.done.catch(() => {});
  }

  #createReader(
    role: ConnectionRole,
    onStream: (stream: Http2ServerStream) => void,
  ): FrameReader {
    const dispatcher = new FrameDispatcher(this.#state, {
      onStream,
      acceptsStream: (id) => id <= this.#lastAccepted,
      onReady: () => this.#onReady(),
      onGoAway: (lastStreamId, code) => this.#onGoAway(lastStreamId, code),
      onTimeout: (error) => this.#finish(error),
    });
    this.#untilEnd.use(dispatcher);
    return new FrameReader(dispatcher, {
      readBuffers: this.#state.readBuffers,
      maxFrameSize: this.#options.maxFrameSize,
      expectPreface: role === "server",
    });
  }

  /** Sends the preface and starts to wait for the peer's. */
  #begin(role: ConnectionRole): void {
    const { handshakeTimeout: limit, clock, signal } = this.#options;
    if (role === "client") this.#writer.raw(CLIENT_PREFACE);
    const settings = localSettings(this.#options, role);
    this.#writer.settings(encodeSettings(settings));
    this.#state.pings.settingsSent();
    this.#state.sendInitialWindowUpdate();
    if (limit > 0) {
      const late = peerTimedOut("send its SETTINGS", limit);
      this.#handshake = clock.timer(limit, () => this.#finish(late));
    }
    if (signal === undefined) return;
    const close = () => this.#close();
    signal.addEventListener("abort", close, { once: true });
    this.#untilEnd.defer(() => signal.removeEventListener("abort", close));
    if (signal.aborted) close();
  }

  #onReady(): void {
    this.#handshake?.[Symbol.dispose]();
    this.#ready.resolve();
    this.#watchPeer();
  }

  #watchPeer(): void {
    const { pingInterval: interval, pingTimeout: timeout, ...options } =
      this.#options;
    const { pings, scheduler, writer: { output } } = this.#state;
    const liveness = new Liveness({
      interval,
      timeout,
      phase: options.pingPhase,
      overdue: options.overdueAfter,
      clock: options.clock,
      patience: options.patience,
      bytesReceived: () => this.#reader.bytesReceived,
      bytesSent: () => output.bytesSent,
      queuedBytes: () => output.queuedBytes,
      roundTrip: () => pings.roundTrip,
      awaitsResponse: () => this.#state.awaitsResponse,
      ping: () => pings.sendProbe(),
      onSilent: () => options.onSilent(),
      onDead: () => this.#finish(peerTimedOut("acknowledge PING", timeout)),
    });
    this.#untilEnd.use(liveness);
    this.#state.liveness = liveness;
    if (options.overdueAfter === 0) return;
    scheduler.onContentSent = () => liveness.workSent();
  }

  /** Announces with GOAWAY that no new streams are accepted. */
  async #sendGoAway(): Promise<void> {
    const { role, streams, pings } = this.#state;
    if (role === "server") {
      // "A server that is attempting to gracefully shut down a connection SHOULD send an initial GOAWAY frame with the last stream identifier set to 2^31-1 … After allowing time for any in-flight stream creation (at least one round-trip time)" the last one (§6.8)
      this.#writer.goAway(ALL_STREAMS, ErrorCode.NO_ERROR);
      // If the connection ends meanwhile, nothing is left to announce.
      await pings.send().catch(() => {});
    }
    this.#lastAccepted = streams.lastPeerId;
    this.#writer.goAway(this.#lastAccepted, ErrorCode.NO_ERROR);
  }

  #onGoAway(lastStreamId: number, code: number): void {
    const { role, streams, concurrency } = this.#state;
    this.#peerGoAway = code === ErrorCode.NO_ERROR
      ? this.#peerGoAway ?? "graceful"
      : closedByPeer(code);
    if (role === "server") return;
    concurrency.fail(noNewStreams());
    for (const stream of streams) {
      if (stream.id > lastStreamId) stream.abort(notProcessed(stream.id));
    }
    if (streams.size === 0) this.#close();
  }

  #onIdle(): void {
    if (this.#isDraining) this.#idle.resolve();
    const isOver = this.#peerGoAway !== undefined;
    if (isOver && this.#state.role === "client") this.#close();
  }

  /** Ends everything at once: because the user wants it, or because nothing is left to do. */
  #close(): void {
    const failure = this.#peerGoAway;
    this.#finish(failure instanceof Http2Error ? failure : "closed");
  }

  /** Reads to the end, then releases everything. */
  async #run(): Promise<void> {
    try {
      await this.#reader.run(this.#conn);
      this.#onPeerEnd();
    } catch (error) {
      this.#finish(readingFailed(error));
      await this.#reader.discard(this.#conn);
    }
    this.#readingEnded.resolve();
    await this.#closing;
    if (this.#endReason instanceof Http2Error) throw this.#endReason;
  }

  #onPeerEnd(): void {
    const isClean = this.#reader.isBetweenFrames && this.openStreams === 0;
    if (this.#peerGoAway instanceof Http2Error) this.#finish(this.#peerGoAway);
    else this.#finish(isClean ? "closed" : transportError("read from"));
  }

  /** Every end passes here; only the first reason counts. */
  #finish(end: Http2Error | "closed"): void {
    if (this.#endReason !== undefined) return;
    this.#endReason = end;
    this.#handshake?.[Symbol.dispose]();
    this.#untilEnd.dispose();
    const error = this.#endError(end);
    this.#ready.reject(error);
    this.#state.abort(error);
    this.#reader.mute();
    if (error.initiator === "transport") this.#closeSocket();
    else {
      const isOurs = error.initiator === "local";
      this.#closing = this.#closeGracefully(
        isOurs ? error.code : ErrorCode.NO_ERROR,
      );
    }
  }

  #endError(end: Http2Error | "closed"): Http2Error {
    return end === "closed" ? closedLocally() : end;
  }

  /**
   * Sends GOAWAY, and closes the socket after the peer has closed. Closing a
   * socket with unread bytes resets it, and the peer might miss the last
   * frames.
   */
  async #closeGracefully(code: number): Promise<void> {
    const { clock, closeTimeout } = this.#options;
    using _limit = clock.timer(closeTimeout, () => this.#closeSocket());
    try {
      this.#writer.goAway(this.#state.streams.lastPeerId, code);
      await this.#writer.output.flushed();
      await this.#conn.closeWrite();
      await this.#readingEnded.promise;
    } catch {
      // The peer has gone already.
    } finally {
      this.#closeSocket();
    }
  }

  #closeSocket(): void {
    this.#writer.output.stop();
    closeQuietly(this.#conn);
  }
}
