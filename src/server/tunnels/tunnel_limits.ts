/**
 * What one tunnel may take, so that a test that has run wild does not take the
 * server from the others.
 *
 * @module
 */
import { type RateLimits, TokenBucket } from "../../net/stream/rate_limit.ts";

/**
 * Exchanges that a tunnel may have under way unless told otherwise: what its
 * usual 16 sessions carry at once, and what a test farm of hundreds of browsers
 * needs; about 100 MB of memory while all are busy.
 */
export const MAX_EXCHANGES = 4096;

const MIB = 1024 * 1024;
/** Bytes that the server may have to keep of one tunnel, when all its browsers read nothing: far from what makes a machine swap, and enough for the sessions that it may have. */
export const MAX_TUNNEL_UNREAD: number = 1536 * MIB;
/** Sessions of a tunnel that get room for many slow browsers: as many as a client opens. */
const USUAL_SESSIONS = 16;
/** 128 browsers that read nothing do not hold up the others of the session, and one fast one has what HTTP/2 gives it. */
const USUAL: SessionLimits = {
  maxUnread: 32 * MIB,
  connectionWindow: 4 * MIB,
  maxWindow: 16 * MIB,
};
/** What is left for each of the sessions beyond these. */
const FURTHER: SessionLimits = {
  maxUnread: 4 * MIB,
  connectionWindow: 2 * MIB,
  maxWindow: 2 * MIB,
};

/** What the server may have to keep of a session, in bytes: `maxUnread` and `maxWindow` together. */
export interface SessionLimits {
  /** What may wait for slow browsers before the client is held back. */
  readonly maxUnread: number;
  /** What a client that is held back may still send, at the start. */
  readonly connectionWindow: number;
  /** What this may grow to. */
  readonly maxWindow: number;
}

/** The limits of the next session of a tunnel that has so many; all together stay within {@linkcode MAX_TUNNEL_UNREAD}. */
export function sessionLimits(sessions: number): SessionLimits {
  return sessions < USUAL_SESSIONS ? USUAL : FURTHER;
}

/** What tunnels may take. */
export interface TunnelLimits {
  /** Exchanges under way at the same time. */
  readonly maxExchanges: number;
  /** Bytes of content per second each way; 0 is no limit. */
  readonly rate: number;
}

/** The limits of a tunnel of which nothing is said. */
export const DEFAULT_LIMITS: TunnelLimits = {
  maxExchanges: MAX_EXCHANGES,
  rate: 0,
};

/** What all exchanges of one tunnel share; `undefined` without a limit. */
export function rateLimitsOf({ rate }: TunnelLimits): RateLimits | undefined {
  if (rate === 0) return undefined;
  return { read: new TokenBucket(rate), write: new TokenBucket(rate) };
}
