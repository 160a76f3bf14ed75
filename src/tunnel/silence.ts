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

/** A dead session is noticed after 2 s where something waits for it, and after 10 s at the latest. */
export const SILENCE_LIMITS: SilenceLimits = {
  pingInterval: 5_000,
  pingTimeout: 5_000,
  overdueAfter: 2_000,
};

/** What a session shows of its network. */
export interface Signs {
  /** For how many milliseconds it owes a reply to PING; 0 if it does not. */
  readonly silence: number;
  /** Its last round trip in milliseconds, or the age of the oldest PING without acknowledgement. */
  readonly lag: number;
}

/**
 * The queue that the other sessions show, in milliseconds: on a slow link, a
 * PING waits as long as theirs. A silent session shows nothing.
 */
export function patienceOf(others: Iterable<Signs>): number {
  let longest = 0;
  for (const { silence, lag } of others) {
    if (silence === 0) longest = Math.max(longest, lag);
  }
  return longest;
}
