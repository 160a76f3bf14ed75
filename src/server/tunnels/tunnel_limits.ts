// Limits of one tunnel, so that a test out of control does not use up the server.
import { byteBucket, type RateLimits } from "../../net/stream/rate_limit.ts";

/**
 * Exchanges that a tunnel may run at the same time by default. Its usual 16
 * sessions carry as many, and a test farm of hundreds of browsers needs them.
 * They take about 100 MB of memory when all are busy.
 */
export const MAX_EXCHANGES = 4096;

const MIB = 1024 * 1024;
/**
 * Bytes that the server may have to keep of one tunnel when its browsers read
 * nothing. It is enough for all sessions that a tunnel may have, and far below
 * what makes a machine swap.
 */
export const MAX_TUNNEL_UNREAD: number = 1536 * MIB;
/** Sessions with room for many slow browsers: as many as a client opens. */
const USUAL_SESSIONS = 16;
/**
 * 150 browsers that read nothing do not delay the others of the session, some
 * of them with windows that have grown, and a single fast one has the full
 * window of HTTP/2.
 */
const USUAL: SessionLimits = {
  maxUnread: 52 * MIB,
  connectionWindow: 4 * MIB,
  maxWindow: 16 * MIB,
};
/** What is left for each further session. */
const FURTHER: SessionLimits = {
  maxUnread: 2 * MIB,
  connectionWindow: 2 * MIB,
  maxWindow: 2 * MIB,
};

/** What the server may have to keep of a session, in bytes: at most `maxUnread` and `maxWindow` together. */
export interface SessionLimits {
  /** Content that may wait for slow browsers before the client must wait. */
  readonly maxUnread: number;
  /** Initial flow control window: what a client may still send then. */
  readonly connectionWindow: number;
  /** What the window may grow to. */
  readonly maxWindow: number;
}

/** The limits for a new session of a tunnel that has `sessions` already; their sum stays within {@linkcode MAX_TUNNEL_UNREAD}. */
export function sessionLimits(sessions: number): SessionLimits {
  return sessions < USUAL_SESSIONS ? USUAL : FURTHER;
}

/** Limits of a tunnel. */
export interface TunnelLimits {
  /** Exchanges that run at the same time. */
  readonly maxExchanges: number;
  /** Bytes of content per second and direction; 0 means no limit. */
  readonly rate: number;
  /** Latest requests that are kept; 0 keeps none. Default 100. */
  readonly requests?: number;
}

/** The limits of a tunnel by default. */
export const DEFAULT_LIMITS: TunnelLimits = {
  maxExchanges: MAX_EXCHANGES,
  rate: 0,
};

/** The rate limits that all exchanges of a tunnel share; `undefined` without a limit. */
export function rateLimitsOf({ rate }: TunnelLimits): RateLimits | undefined {
  if (rate === 0) return undefined;
  return { read: byteBucket(rate), write: byteBucket(rate) };
}
