/**
 * The face of the HTTP/2 layer: what one can do with a connection and with its
 * streams. Everything else in this folder is how.
 *
 * Field lists are flat (name, value, name, value …), names in lower case,
 * pseudo-header fields first, values as ISO 8859-1 text.
 *
 * @module
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
 * Read it to its end or `close()` it: bytes that nobody takes are kept, and
 * while they are kept the peer cannot send more.
 */
export interface Http2Stream extends ByteStream, ReaderFrom, WriterTo {
  /** Number of the stream on its connection. */
  readonly id: number;
  /**
   * Reads content into `into`: as much as is there, at least one byte.
   *
   * @returns How many bytes, or `null` after END_STREAM.
   * @throws {Http2Error} When the stream was reset or the connection died: cut content is never a quiet `null`.
   */
  read(into: Uint8Array): Promise<number | null>;
  /**
   * Sends some of `bytes`; waits for the flow-control windows and for the socket.
   * One write at a time: what is not taken has to be given again.
   *
   * @returns How many bytes were taken; the buffer may be reused.
   * @throws {Http2Error} When the stream was reset or the connection died.
   * @throws {TypeError} When another write is waiting or this half was ended.
   */
  write(bytes: Uint8Array): Promise<number>;
  /** Ends the sending half with END_STREAM; the other half goes on. Twice does no harm. */
  closeWrite(): Promise<void>;
  /**
   * Gives up the stream: RST_STREAM unless both halves have ended (NO_ERROR for
   * a server that has answered in full, RFC 9113 §8.1; else CANCEL).
   */
  close(): void;
  /** Ends both halves at once with RST_STREAM; nothing when it has ended. */
  reset(code: Http2ErrorCode): void;
  /** Sends trailer fields, which ends the sending half. */
  sendTrailers(fields: readonly string[]): Promise<void>;
  /** Fields after the content; known when `read` has returned `null`. */
  readonly trailers: readonly string[] | undefined;
  /** Resolves when both halves have ended or the stream was reset; never rejects. */
  readonly closed: Promise<void>;
  /** Aborted when the stream ends early, by whichever side; made when first asked for. */
  readonly signal: AbortSignal;
}

/** What came back for a request. */
export interface Http2Response {
  /** Fields as received, `:status` first. */
  readonly fields: string[];
  /** Whether there is no content and no trailers. */
  readonly endStream: boolean;
}

/** Who is told of interim (1xx) responses. */
export interface InterimTarget {
  /** Takes the fields of one. Must not throw. */
  onInterim(fields: string[]): void;
}

/** A stream that this side opened with a request. */
export interface Http2ClientStream extends Http2Stream {
  /** The final response; rejects with {@linkcode Http2Error} when the stream ends without one. */
  readonly response: Promise<Http2Response>;
  /** Told of interim responses; nobody unless set. */
  interimTarget: InterimTarget | undefined;
}

/** A stream that the peer opened with a request. */
export interface Http2ServerStream extends Http2Stream {
  /** Fields of the request as received, pseudo-header fields first. */
  readonly fields: string[];
  /** Whether the request has no content and no trailers. */
  readonly endStream: boolean;
  /** Sends an interim (1xx) response. */
  inform(fields: readonly string[]): Promise<void>;
  /** Sends the final response's fields; content follows by `write` unless `endStream`. */
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
  /** Frames received that move nothing; see `idleFrames` in the options. */
  readonly idleFramesReceived: number;
  /** Field sections of the peer that were over our limit. */
  readonly fieldSectionsRefused: number;
  /** Writes that had to wait because the peer's windows were used up. */
  readonly writesHeldBack: number;
  /** The bound that the peer went over when that ended the connection. */
  readonly limitReached: Http2Limit | undefined;
  /** Bytes of frames that wait for the socket. */
  readonly queuedBytes: number;
  /** Bytes received that no reader has taken yet. */
  readonly unreadBytes: number;
  /** Present size of the connection's receive window in bytes. */
  readonly receiveWindow: number;
  /** Last measured round trip in milliseconds, or `undefined` before the first. */
  readonly roundTripTime: number | undefined;
}

/** What both roles have in common. Disposing sends GOAWAY and ends everything at once. */
export interface Http2Connection extends Running {
  /** Resolves when the connection ended with no stream open; rejects with {@linkcode Http2Error} otherwise. */
  readonly done: Promise<void>;
  /** Streams that have not ended in both directions. */
  readonly openStreams: number;
  /** Whether new streams are possible: `false` after GOAWAY of either side. */
  readonly acceptsStreams: boolean;
  /** What the peer has announced, or the protocol's initial values before. */
  readonly peerSettings: Http2Settings;
  /** Numbers for metrics; a live view, not a copy. */
  readonly stats: Http2Stats;
  /** Asks the peer for an answer; gives the round trip in milliseconds. */
  ping(): Promise<number>;
  /** Lets no new streams begin, tells the peer by GOAWAY, waits for the open ones, closes. */
  drain(): Promise<void>;
}

/** A connection on which we open the streams. */
export interface Http2Client extends Http2Connection {
  /**
   * Opens a stream; waits while the peer's limit of open streams is reached.
   *
   * @param fields Pseudo-header fields first; see RFC 9113 §8.3.1.
   * @param options `endStream`: there is no content. `signal`: resets the stream with CANCEL when aborted.
   * @throws {Http2Error} When the connection takes no more streams; `retryable`.
   * @throws {TypeError} When the fields break the rules of RFC 9113 §8.
   */
  request(
    fields: readonly string[],
    options?: { readonly endStream?: boolean; readonly signal?: AbortSignal },
  ): Promise<Http2ClientStream>;
}

/** A connection on which the peer opens the streams. */
export type Http2Server = Http2Connection;
