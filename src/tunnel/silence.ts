/**
 * How both ends of a session notice that the other is gone, and tell it from a
 * slow network.
 */

/** When a session is checked and given up, in milliseconds. */
export interface SilenceLimits {
  /** Time between PINGs. A NAT that forgets idle connections does so after 10 s or later. */
  readonly pingInterval: number;
  /** Silence after a PING until the session is given up. */
  readonly pingTimeout: number;
  /** Silence until a reply counts as overdue, and until a reply to PING does. */
  readonly overdueAfter: number;
}

/** Time between PINGs by default, in milliseconds. */
export const PING_INTERVAL = 5_000;
/** A reply is overdue after this part of the interval. */
const OVERDUE = 0.4;

/** The limits for a time between PINGs: a dead session is noticed after two fifths of it where something waits for it, and after twice at the latest. */
export function silenceLimits(pingInterval: number): SilenceLimits {
  return {
    pingInterval,
    pingTimeout: pingInterval,
    overdueAfter: OVERDUE * pingInterval,
  };
}

/** The limits by default: 2 s and 10 s. */
export const SILENCE_LIMITS: SilenceLimits = silenceLimits(PING_INTERVAL);

/** What a session shows of its network. */
export interface Signs {
  /** For how many milliseconds it owes a reply to PING; 0 if it does not. */
  readonly silence: number;
  /** Its last round trip in milliseconds, or the age of the oldest PING without acknowledgement. */
  readonly lag: number;
}

/**
 * The queue that the other sessions show, in milliseconds: on a slow link, a
 * PING waits as long as theirs. A session shows one while bytes come from it:
 * otherwise it may be dead.
 */
export function patienceOf(others: Iterable<Signs>): number {
  let longest = 0;
  for (const { silence, lag } of others) {
    if (silence <= lag / 2) longest = Math.max(longest, lag);
  }
  return longest;
}

/**
 * When a session counts as silent, in milliseconds: after `overdueAfter`, and
 * after twice the last round trip on a slow link.
 */
export function silentAfter(
  overdueAfter: number,
  roundTrip: number | undefined,
): number {
  return Math.max(overdueAfter, 2 * (roundTrip ?? 0));
}
