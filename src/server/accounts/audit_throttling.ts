/** Records in the audit log that a peer has to wait after failed logins. */
import type { Accounts } from "./accounts.ts";

/** Most entries an hour for each organization, and for unknown names: guesses from many addresses must not evict other entries. */
const MAX_ENTRIES = 60;
const HOUR = 60 * 60 * 1000;

/** The listener for a login guard. */
export function auditThrottling(
  accounts: Pick<Accounts, "audit" | "findUser">,
  now: () => number = Date.now,
): (username: string, address: string) => void {
  let hour = 0;
  /** By organization. Only the operator creates these, so their number is bounded. */
  const counts = new Map<string, number>();
  return function recordThrottle(username, address) {
    const current = Math.floor(now() / HOUR);
    if (current !== hour) counts.clear();
    hour = current;
    const found = accounts.findUser(username);
    const organization = found?.organization ?? "";
    const count = (counts.get(organization) ?? 0) + 1;
    counts.set(organization, count);
    if (count > MAX_ENTRIES) return;
    // An unknown name may be a key in the wrong place.
    const user = found === undefined ? "(unknown)" : username;
    accounts.audit.note({
      by: { user, address },
      action: "login_throttled",
      user,
    });
  };
}
