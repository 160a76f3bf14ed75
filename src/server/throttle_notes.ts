/**
 * Notes in the audit log that somebody who failed to log in must wait.
 *
 * @module
 */
import type { Accounts } from "./accounts.ts";

/** Notes in an hour: whoever guesses from many addresses shall not push out what others did. */
const MAX_NOTES = 60;
const HOUR = 60 * 60 * 1000;

/** Makes the listener of a login guard. */
export function throttleNotes(
  accounts: Pick<Accounts, "audit" | "hasUser">,
  now: () => number = Date.now,
): (username: string, address: string) => void {
  let hour = 0;
  let notes = 0;
  return function noteThrottle(username, address) {
    const current = Math.floor(now() / HOUR);
    if (current !== hour) notes = 0;
    hour = current;
    notes += 1;
    if (notes > MAX_NOTES) return;
    // What is no user's name may be a key in the wrong place.
    const user = accounts.hasUser(username) ? username : "(unknown)";
    accounts.audit.note({
      by: { user, address },
      action: "login_throttled",
      user,
    });
  };
}
