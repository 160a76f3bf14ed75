/**
 * What can be set on a connection, with the reason for each default.
 *
 * @module
 */
import {
  type Http2Settings,
  INITIAL_WINDOW,
  MAX_WINDOW,
  MIN_MAX_FRAME_SIZE,
} from "./frames/settings.ts";
import { type Clock, monotonicClock } from "../async/clock.ts";

/** How many of something may come: at once, and over time. */
export interface RateLimit {
  /** How many may come at once. */
  readonly burst: number;
  /** How many more may come each second. */
  readonly perSecond: number;
}

/** Options of a connection in either role; every one has a default. */
export interface Http2Options {
  /** Streams the peer may have open. Default 256: the work one peer can start at once. */
  readonly maxConcurrentStreams?: number;
  /** Receive window of a new stream in bytes. Default 256 KiB: what each stream may leave unread, and doubled where that holds the sender back (`window_size.ts`). */
  readonly streamWindow?: number;
  /** Receive window of the connection in bytes at the start. Default 4 MiB. */
  readonly connectionWindow?: number;
  /** What the windows may grow to when the measured round trip and rate ask for it, in bytes. Default 16 MiB. */
  readonly maxWindow?: number;
  /** By how many bytes the windows of all streams together may grow. Default 32 MiB: two streams at full size, or many a little. */
  readonly maxGrowth?: number;
  /** Bytes of all streams together that may wait for slow readers before they hold up the others. Default 96 MiB: 256 streams that nobody reads, and all growth. */
  readonly maxUnread?: number;
  /** Longest frame payload we take, in bytes, 16 KiB to 1 MiB. Default 64 KiB: fewer headers and calls for each byte. */
  readonly maxFrameSize?: number;
  /** Largest field section we take (RFC 9113 §6.5.2 counting). Default 64 KiB. */
  readonly maxFieldSectionSize?: number;
  /** Whether to take extended CONNECT (RFC 8441) in the server role. Default `true`. */
  readonly enableConnectProtocol?: boolean;
  /** Milliseconds between PINGs that prove the peer alive; 0 (default) for none. */
  readonly pingInterval?: number;
  /** Milliseconds of silence after such a PING that mean the peer is gone. Default 10 s. */
  readonly pingTimeout?: number;
  /** Milliseconds the peer has for its preface and SETTINGS; 0 for ever. Default 10 s. */
  readonly handshakeTimeout?: number;
  /** Milliseconds that a last GOAWAY may take before the socket is closed regardless. Default 1 s. */
  readonly closeTimeout?: number;
  /** Requests that may wait for the peer's stream limit in the client role. Default 1024. */
  readonly maxWaitingRequests?: number;
  /** Streams that the peer may reset, or make us reset, after opening them. Default 1000, then 200 a second: a browser that aborts pages stays below, rapid reset (CVE-2023-44487) does not. */
  readonly resets?: RateLimit;
  /** SETTINGS frames of the peer. Default 100, then 10 a second: each visits every stream. */
  readonly settings?: RateLimit;
  /** Frames of the peer that move nothing: PING, PRIORITY, empty DATA, unknown types, frames on streams that have ended, a WINDOW_UPDATE for less than it costs. Default 10,000, then 1000 a second. */
  readonly idleFrames?: RateLimit;
  /** CONTINUATION frames of one field section. Default 16: enough for 256 KiB in the smallest full frames. */
  readonly maxContinuations?: number;
  /** Milliseconds from HEADERS to the last CONTINUATION, while nothing else can come; 0 for ever. Default 10 s. */
  readonly fieldBlockTimeout?: number;
  /** Answers to the peer's frames that may wait for a socket it does not read. Default 1000. */
  readonly maxQueuedReplies?: number;
  /** Bytes of frames of all kinds that may wait for such a socket. Default 4 MiB: content stops at 128 KiB, field sections at 256 KiB and one more. */
  readonly maxQueuedBytes?: number;
  /** Ends the connection at once when aborted, as disposing does. */
  readonly signal?: AbortSignal;
  /** Where the time comes from; for tests. */
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
  pingTimeout: 10_000,
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

/** What we announce to the peer in our first SETTINGS frame. */
export function localSettings(
  options: ResolvedOptions,
  role: "client" | "server",
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
    `Cannot use ${name} "${value}": it has to be between ${min} and ${max}`,
  );
}
