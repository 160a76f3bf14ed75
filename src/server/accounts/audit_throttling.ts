/**
 * Notes in the audit log that somebody who failed to log in must wait.
 *
 * @module
 */
import type { Accounts } from "./accounts.ts";

/** Notes of an organization in an hour, and of names that are no user's: guesses from many addresses shall not push out what others did. */
const MAX_NOTES = 60;
const HOUR = 60 * 60 * 1000;

/** Makes the listener of a login guard. */
export function auditThrottling(
  accounts: Pick<Accounts, "audit" | "findUser">,
  now: () => number = Date.now,
): (username: string, address: string) => void {
  let hour = 0;
  /** By organization, which only the operator makes. */
  const notes = new Map<string, number>();
  return function noteThrottle(username, address) {
    const current = Math.floor(now() / HOUR);
    if (current !== hour) notes.clear();
    hour = current;
    const known = accounts.findUser(username);
    const whose = known?.organization ?? "";
    const count = (notes.get(whose) ?? 0) + 1;
    notes.set(whose, count);
    if (count > MAX_NOTES) return;
    // What is no user's name may be a key in the wrong place.
    const user = known === undefined ? "(unknown)" : username;
    accounts.audit.note({
      by: { user, address },
      action: "login_throttled",
      user,
    });
  };
}
