/**
 * The public interfaces of HTTP/2: connections and their streams.
 *
 * Field lists are flat (name, value, name, value …). Names are in lower case,
 * pseudo-header fields come first, values are ISO 8859-1 text.
 */
import type { Running } from "../async/running.ts";
import type {
  ByteStream,
  ReaderFrom,
  WriterTo,
} from "../net/stream/byte_stream.ts";
import type { Http2ErrorCode, Http2Limit } from "./errors.ts";
import type { Http2Settings } from "./frames/settings.ts";

/**
 * One stream: two flows of bytes that end separately.
 *
 * Read it to its end or `close()` it. Unread bytes are kept, and while they are
 * kept the peer cannot send more.
 */
export interface Http2Stream extends ByteStream, ReaderFrom, WriterTo {
  /** Number of the stream on its connection. */
  readonly id: number;
  /**
   * Reads content into `into`: what is there, at least one byte.
   *
   * @returns How many bytes, or `null` after END_STREAM.
   * @throws {Http2Error} When the stream was reset or the connection died. Cut
   * content never looks like a complete one.
   */
  read(into: Uint8Array): Promise<number | null>;
  /**
   * Sends some of `bytes`. Waits for the flow-control windows and for the
   * socket. Only one write at a time; pass the rest of the bytes to another
   * call.
   *
   * @returns How many bytes were taken; the buffer may be reused.
   * @throws {Http2Error} When the stream was reset or the connection died.
   * @throws {TypeError} When another write is waiting or this half was ended.
   */
  write(bytes: Uint8Array): Promise<number>;
  /** Ends the sending half with END_STREAM; the other half goes on. Calling it twice does no harm. */
  closeWrite(): Promise<void>;
  /**
   * Closes the stream, with RST_STREAM unless both halves have ended. The code
   * is NO_ERROR for a server that has sent its whole response (RFC 9113 §8.1),
   * otherwise CANCEL.
   */
  close(): void;
  /**
   * Ends both halves at once with RST_STREAM; has no effect on a stream that has
   * ended.
   *
   * @param cause The `cause` of the error that readers and writers see.
   */
  reset(code: Http2ErrorCode, cause?: unknown): void;
  /** Sends trailer fields, which ends the sending half. */
  sendTrailers(fields: readonly string[]): Promise<void>;
  /** Fields after the content; known when `read` has returned `null`. */
  readonly trailers: readonly string[] | undefined;
  /** Resolves when both halves have ended or the stream was reset; never rejects. */
  readonly closed: Promise<void>;
  /** Why the stream ended early; `undefined` until then, and if it ended in order. */
  readonly failure: Error | undefined;
  /** Aborted when the stream ends early, whichever side ends it. Created on first use. */
  readonly signal: AbortSignal;
}

/** The response to a request. */
export interface Http2Response {
  /** Fields as received, `:status` first. */
  readonly fields: string[];
  /** Whether there is no content and no trailers. */
  readonly endStream: boolean;
}

/** Receives interim (1xx) responses. */
export interface InterimTarget {
  /** Called with the fields of each. Must not throw. */
  onInterim(fields: string[]): void;
}

/** A stream that this side opened with a request. */
export interface Http2ClientStream extends Http2Stream {
  /** The final response; rejects with {@linkcode Http2Error} when the stream ends without one. */
  readonly response: Promise<Http2Response>;
  /** Receives interim responses. Without one they are dropped. */
  interimTarget: InterimTarget | undefined;
  /**
   * Whether `resetMovable` may reset the stream. An interim response makes it
   * `false`. Default `false`.
   */
  isMovable: boolean;
}

/** A stream that the peer opened with a request. */
export interface Http2ServerStream extends Http2Stream {
  /** Fields of the request as received, pseudo-header fields first. */
  readonly fields: string[];
  /** Whether the request has no content and no trailers. */
  readonly endStream: boolean;
  /** Sends an interim (1xx) response. */
  inform(fields: readonly string[]): Promise<void>;
  /** Sends the fields of the final response. Content follows by `write` unless `endStream` is set. */
  respond(
    fields: readonly string[],
    options?: { readonly endStream?: boolean },
  ): Promise<void>;
}

/** Numbers of one connection since it was opened. */
export interface Http2Stats {
  /** Bytes handed to the socket. */
  readonly bytesSent: number;
  /** Bytes taken from the socket. */
  readonly bytesReceived: number;
  /** Frames received, of all types. */
  readonly framesReceived: number;
  /** Streams opened by either side. */
  readonly streamsOpened: number;
  /** Streams of the peer that were refused because too many were open. */
  readonly streamsRefused: number;
  /** RST_STREAM frames sent and received. */
  readonly resetsSent: number;
  readonly resetsReceived: number;
  /** SETTINGS frames received, acknowledgements too. */
  readonly settingsReceived: number;
  /** Frames received that carry no work; see `idleFrames` in the options. */
  readonly idleFramesReceived: number;
  /** Field sections of the peer that exceeded our limit. */
  readonly fieldSectionsRefused: number;
  /** Writes that had to wait because a window of the peer was used up. */
  readonly writesHeldBack: number;
  /** The bound that the peer exceeded, when that ended the connection. */
  readonly limitReached: Http2Limit | undefined;
  /** Bytes of frames that wait for the socket. */
  readonly queuedBytes: number;
  /** Bytes received that no reader has taken yet. */
  readonly unreadBytes: number;
  /** Current size of the connection's receive window in bytes. */
  readonly receiveWindow: number;
  /** Last measured round trip in milliseconds, or `undefined` before the first. */
  readonly roundTripTime: number | undefined;
}

/** What both roles have in common. Disposing sends GOAWAY and ends all streams at once. */
export interface Http2Connection extends Running {
  /** Resolves when the connection ended with no open stream; otherwise rejects with {@linkcode Http2Error}. */
  readonly done: Promise<void>;
  /** Streams that have not ended in both directions. */
  readonly openStreams: number;
  /** Requests of ours that have no stream yet. */
  readonly openingRequests: number;
  /** Whether new streams are possible. `false` after a GOAWAY from either side. */
  readonly acceptsStreams: boolean;
  /** The settings of the peer; before they arrive, the protocol's initial values. */
  readonly peerSettings: Http2Settings;
  /** Numbers for metrics; a live view, not a copy. */
  readonly stats: Http2Stats;
  /** Whether nothing has come since the last PING that checks the peer. */
  readonly owesReply: boolean;
  /** For how many milliseconds it has owed that reply; 0 if it does not. */
  readonly silence: number;
  /** The last round trip in milliseconds, or the age of the oldest PING without acknowledgement if that is longer. */
  readonly lag: number;
  /** Sends a PING that checks the peer, unless it owes a reply already. */
  check(): void;
  /** Sends PING and returns the round trip in milliseconds. */
  ping(): Promise<number>;
  /** Sends GOAWAY, accepts no new streams, waits for the open ones, then closes. */
  drain(): Promise<void>;
}

/** A connection on which we open the streams. */
export interface Http2Client extends Http2Connection {
  /**
   * Opens a stream. Waits while the peer's limit of open streams is reached.
   *
   * @param fields Pseudo-header fields first; see RFC 9113 §8.3.1.
   * @param options `endStream`: the request has no content. `signal`: resets
   * the stream with CANCEL when aborted.
   * @throws {Http2Error} When the connection takes no more streams; it is
   * `retryable`.
   * @throws {TypeError} When the fields break the rules of RFC 9113 §8.
   */
  request(
    fields: readonly string[],
    options?: { readonly endStream?: boolean; readonly signal?: AbortSignal },
  ): Promise<Http2ClientStream>;
  /** Streams that may be open at once: the peer's limit, or a guess before its SETTINGS. */
  readonly maxStreams: number;
  /** Resets the movable streams that have no response yet; `response` rejects as if the connection was lost. */
  resetMovable(): void;
}

/** Limits that a peer has earned, for example by a login. */
export interface RaisedLimits {
  /** Streams the peer may have open. */
  readonly maxConcurrentStreams: number;
  /** Largest window in bytes. */
  readonly maxWindow: number;
}

/** A connection on which the peer opens the streams. */
export interface Http2Server extends Http2Connection {
  /** Raises limits, and tells the peer. Lower ones than before change nothing. */
  raiseLimits(limits: RaisedLimits): void;
}
