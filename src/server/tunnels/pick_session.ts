/**
 * Which of a tunnel's sessions takes the next exchange.
 *
 * Exchanges that share a session share its writes, its TLS records and its
 * wake-ups: with 32 requests at once on eight sessions, filling one after the
 * other takes a tenth less of both processors than spreading them evenly. What
 * sharing costs is waiting behind each other's content, so a session that
 * carries a download or an upload is left to it while others are free.
 *
 * @module
 */
import type { TunnelSession } from "../../tunnel/session.ts";

/** Exchanges that share a session before the next one is used. More than this saves little more, and all of them are lost with the session. */
const SHARED_BY = 16;

/** The session for the next exchange; `undefined` when none takes any. */
export function pickSession(
  sessions: readonly TunnelSession[],
): TunnelSession | undefined {
  const now = performance.now();
  let best: TunnelSession | undefined;
  let bestCrowd = Infinity;
  for (const session of sessions) {
    if (!session.acceptsExchanges) continue;
    const crowd = crowdOf(session, now);
    if (crowd >= bestCrowd) continue;
    best = session;
    bestCrowd = crowd;
  }
  return best;
}

/** How many times it is full; content in bulk fills it once more. */
function crowdOf(session: TunnelSession, now: number): number {
  const filled = Math.floor(session.openExchanges / SHARED_BY);
  return session.carriesBulk(now) ? filled + 1 : filled;
}
