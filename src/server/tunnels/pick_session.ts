// Which session of a tunnel carries a new exchange.
//
// Exchanges on one session share its writes, its TLS records and its wake-ups.
// With 32 requests at once on eight sessions, filling one session after the other
// takes a tenth less processor time on both sides than spreading them evenly. The
// price is that they wait behind each other's content. So a session with a download
// or an upload gets nothing else while others are free.
//
// A session may be dead before that is certain. While one owes a reply to PING, the
// others get what is new. When all owe one, it is the session that owes it for the
// shortest time: it was asked only now because another one is silent.
import type { TunnelSession } from "../../tunnel/session.ts";

/** Exchanges that share a session before another one is used. More would save little, and a lost session loses all of them. */
const SHARED_BY = 16;

/** What each millisecond counts that a session owes a reply: more than any number of exchanges. */
const OWING = 1_000_000;
/** What a full session counts, more than any silence: its exchanges certainly wait. */
const FULL = 1_000_000 * OWING;

/** The session for a new exchange; `undefined` when none accepts exchanges. */
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

/** How many times sixteen share it; bulk content counts once more. */
function crowdOf(session: TunnelSession, now: number): number {
  let crowd = Math.floor(session.openExchanges / SHARED_BY);
  if (session.carriesBulk(now)) crowd += 1;
  if (session.owesReply) crowd += OWING * (1 + session.silence);
  if (!session.hasRoom) crowd += FULL;
  return crowd;
}
