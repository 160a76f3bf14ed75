import { type Clock, monotonicClock } from "../async/clock.ts";
import {
  type Http2Settings,
  INITIAL_WINDOW,
  MAX_WINDOW,
  MIN_MAX_FRAME_SIZE,
} from "./frames/settings.ts";

/** Which side of the connection this is. */
export type ConnectionRole = "client" | "server";

/** A limit on how many of something may come. */
export interface RateLimit {
  /** How many may come at once. */
  readonly burst: number;
  /** How many more may come each second. */
  readonly perSecond: number;
}

/** Options of a connection in either role, each with the reason for its default. */
export interface Http2Options {
  /** Streams the peer may have open. Default 256: the work one peer can start at once. */
  readonly maxConcurrentStreams?: number;
  /**
   * Receive window of a new stream in bytes. Default 256 KiB: what a stream may
   * leave unread. It doubles where it holds the sender back (`window_size.ts`).
   */
  readonly streamWindow?: number;
  /** Receive window of the connection at the start, in bytes. Default 4 MiB. */
  readonly connectionWindow?: number;
  /** Largest window in bytes, reached when round trip and rate need it. Default 16 MiB. */
  readonly maxWindow?: number;
  /**
   * How many bytes the windows of all streams together may grow by. Default 32
   * MiB: two streams at full size, or a little for many.
   */
  readonly maxGrowth?: number;
  /**
   * Unread bytes of all streams together before they hold up other streams.
   * Default 96 MiB: 256 unread streams and all growth.
   */
  readonly maxUnread?: number;
  /** Longest frame payload we accept, 16 KiB to 1 MiB. Default 64 KiB: fewer headers and calls a byte. */
  readonly maxFrameSize?: number;
  /** Largest field section we accept, counted as in RFC 9113 §6.5.2. Default 64 KiB. */
  readonly maxFieldSectionSize?: number;
  /** Whether the server role accepts extended CONNECT (RFC 8441). Default `true`. */
  readonly enableConnectProtocol?: boolean;
  /** Milliseconds between PINGs that check the peer. Default 0: none are sent. */
  readonly pingInterval?: number;
  /** Which part of `pingInterval` passes before the first one: connections that began together then send theirs in turn. Default 1. */
  readonly pingPhase?: number;
  /** Milliseconds of silence after such a PING until the peer counts as dead. Default 10 s. */
  readonly pingTimeout?: number;
  /**
   * Milliseconds of silence after a request or content was sent until a PING
   * checks the peer. Default 0: it is not checked earlier.
   */
  readonly overdueAfter?: number;
  /**
   * Milliseconds of queue that other connections with the same peer show. A
   * PING may take twice as long, and at most four times `pingTimeout`. Default: 0.
   */
  readonly patience?: () => number;
  /** Called several times in `overdueAfter` while the peer owes a reply to a PING. Default: nothing. */
  readonly onSilent?: () => void;
  /**
   * Milliseconds that a request of the client role may wait for the peer's
   * stream limit; 0 (default) for no limit.
   */
  readonly streamWait?: number;
  /** Milliseconds until the peer's preface and SETTINGS must be there; 0 for no limit. Default 10 s. */
  readonly handshakeTimeout?: number;
  /** Milliseconds that the last GOAWAY may take before the socket is closed. Default 1 s. */
  readonly closeTimeout?: number;
  /** Requests of the client role that may wait for the peer's stream limit. Default 1024. */
  readonly maxWaitingRequests?: number;
  /**
   * Streams that the peer may open and reset, or make us reset. Default 1000,
   * then 200 a second. A browser that aborts pages stays below; rapid reset
   * (CVE-2023-44487) does not.
   */
  readonly resets?: RateLimit;
  /** SETTINGS frames of the peer. Default 100, then 10 a second: each one visits every stream. */
  readonly settings?: RateLimit;
  /**
   * Frames of the peer that carry no work: PING, PRIORITY, empty DATA, unknown
   * types, frames on ended streams, a WINDOW_UPDATE too small to be useful.
   * Default 10,000, then 1000 a second.
   */
  readonly idleFrames?: RateLimit;
  /** CONTINUATION frames of one field section. Default 16: 256 KiB in the smallest full frames. */
  readonly maxContinuations?: number;
  /**
   * Milliseconds from HEADERS to the last CONTINUATION, while no other frame
   * can come; 0 for no limit. Default 10 s.
   */
  readonly fieldBlockTimeout?: number;
  /** Replies to frames of a peer that does not read its socket. Default 1000. */
  readonly maxQueuedReplies?: number;
  /**
   * Bytes of all frames that wait for such a socket. Default 4 MiB: content
   * stops at 128 KiB, field sections at 256 KiB and one more.
   */
  readonly maxQueuedBytes?: number;
  /** Ends the connection at once when aborted, as disposing does. */
  readonly signal?: AbortSignal;
  /** The source of time; for tests. */
  readonly clock?: Clock;
}

/** The options with every default filled in. */
export type ResolvedOptions =
  & Required<Omit<Http2Options, "signal">>
  & Pick<Http2Options, "signal">;

const MIB = 1024 * 1024;

const DEFAULTS: ResolvedOptions = {
  maxConcurrentStreams: 256,
  streamWindow: 256 * 1024,
  connectionWindow: 4 * MIB,
  maxWindow: 16 * MIB,
  maxGrowth: 32 * MIB,
  maxUnread: 96 * MIB,
  maxFrameSize: 64 * 1024,
  maxFieldSectionSize: 64 * 1024,
  enableConnectProtocol: true,
  pingInterval: 0,
  pingPhase: 1,
  pingTimeout: 10_000,
  overdueAfter: 0,
  patience: () => 0,
  onSilent: () => {},
  streamWait: 0,
  handshakeTimeout: 10_000,
  closeTimeout: 1000,
  maxWaitingRequests: 1024,
  resets: { burst: 1000, perSecond: 200 },
  settings: { burst: 100, perSecond: 10 },
  idleFrames: { burst: 10_000, perSecond: 1000 },
  maxContinuations: 16,
  fieldBlockTimeout: 10_000,
  maxQueuedReplies: 1000,
  maxQueuedBytes: 4 * MIB,
  clock: monotonicClock,
};

/**
 * Fills in the defaults.
 *
 * @throws {RangeError} When a window or frame size is outside what the protocol allows.
 */
export function resolveOptions(options: Http2Options = {}): ResolvedOptions {
  const resolved = { ...DEFAULTS, ...options };
  inRange("streamWindow", resolved.streamWindow, 0, MAX_WINDOW);
  // The connection's window starts at 65,535 and can only be raised (§6.9.2).
  inRange(
    "connectionWindow",
    resolved.connectionWindow,
    INITIAL_WINDOW,
    MAX_WINDOW,
  );
  inRange("maxWindow", resolved.maxWindow, 0, MAX_WINDOW);
  inRange("maxFrameSize", resolved.maxFrameSize, MIN_MAX_FRAME_SIZE, MIB);
  return resolved;
}

/** Our first SETTINGS frame. */
export function localSettings(
  options: ResolvedOptions,
  role: ConnectionRole,
): Partial<Http2Settings> {
  const common = {
    initialWindowSize: options.streamWindow,
    maxFrameSize: options.maxFrameSize,
    maxHeaderListSize: options.maxFieldSectionSize,
  };
  if (role === "client") return { ...common, enablePush: false };
  return {
    ...common,
    maxConcurrentStreams: options.maxConcurrentStreams,
    ...(options.enableConnectProtocol && { enableConnectProtocol: true }),
  };
}

function inRange(name: string, value: number, min: number, max: number): void {
  if (Number.isInteger(value) && value >= min && value <= max) return;
  throw new RangeError(
    `Cannot use ${name} "${value}": it must be between ${min} and ${max}`,
  );
}
