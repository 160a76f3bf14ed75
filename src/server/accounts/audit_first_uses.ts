/**
 * Notes in the audit log who uses whose tunnel: once a day, and not with every
 * request.
 *
 * @module
 */
import type { FairMap } from "../../async/fair_map.ts";
import type { Actor, AuditLog } from "./audit_log.ts";
import { SharedTables } from "./shared_tables.ts";

/** Uses that are remembered, about 1 MB; of others the log is asked whether it has them. The organization and the user with the most make room. */
const MAX_USES = 10_000;
const DAY = 24 * 60 * 60 * 1000;

/** Somebody's use of another user's tunnel. */
export interface TunnelUse {
  readonly by: Actor;
  readonly owner: string;
  /** Of the tunnel. */
  readonly name: string;
}

/** How first uses are noted. */
export interface FirstUseAuditOptions {
  /** Whose uses are; all are of one organization unless given. */
  readonly shares?: SharedTables;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/** The uses of today. */
export class FirstUseAudit {
  readonly #audit: Pick<AuditLog, "noteUse">;
  readonly #now: () => number;
  readonly #shares: SharedTables;
  /** The day of each use. */
  readonly #noted: FairMap<number>;

  constructor(
    audit: Pick<AuditLog, "noteUse">,
    { shares = new SharedTables(), now = Date.now }: FirstUseAuditOptions = {},
  ) {
    this.#audit = audit;
    this.#now = now;
    this.#shares = shares;
    this.#noted = shares.table("first_uses", { maxEntries: MAX_USES });
  }

  /** Notes it, if it is the first one of this day (UTC). */
  note({ by, owner, name }: TunnelUse): void {
    const day = Math.floor(this.#now() / DAY);
    // No user name has a `+`.
    const use = `${by.user}+${owner}+${name}`;
    if (this.#noted.use(use) === day) return;
    this.#noted.set(use, day, this.#shares.takerOf(by.user));
    this.#audit.noteUse(by, owner, name);
  }
}
