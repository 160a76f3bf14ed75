/**
 * Records in the audit log that a user uses another user's tunnel: once a day,
 * not on every request.
 */
import type { FairMap } from "../../async/fair_map.ts";
import type { Actor, AuditLog } from "./audit_log.ts";
import { SharedTables } from "./shared_tables.ts";

/** Most remembered uses, about 1 MB. For others the log itself is searched. The organization and user with the most entries give way. */
const MAX_USES = 10_000;
const DAY = 24 * 60 * 60 * 1000;

/** A use of another user's tunnel. */
export interface TunnelUse {
  readonly by: Actor;
  readonly owner: string;
  /** The name of the tunnel. */
  readonly name: string;
}

/** Options of {@linkcode FirstUseAudit}. */
export interface FirstUseAuditOptions {
  /** Assigns uses to organizations; by default all belong to one. */
  readonly shares?: SharedTables;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/** Remembers the uses of today. */
export class FirstUseAudit {
  readonly #audit: Pick<AuditLog, "recordFirstUse">;
  readonly #now: () => number;
  readonly #shares: SharedTables;
  /** The day of each use. */
  readonly #noted: FairMap<number>;

  constructor(
    audit: Pick<AuditLog, "recordFirstUse">,
    { shares = new SharedTables(), now = Date.now }: FirstUseAuditOptions = {},
  ) {
    this.#audit = audit;
    this.#now = now;
    this.#shares = shares;
    this.#noted = shares.table("first_uses", { maxEntries: MAX_USES });
  }

  /** Records the use if it is the first of this day (UTC). */
  note({ by, owner, name }: TunnelUse): void {
    const day = Math.floor(this.#now() / DAY);
    // User names contain no `+`.
    const use = `${by.user}+${owner}+${name}`;
    if (this.#noted.use(use) === day) return;
    this.#noted.set(use, day, this.#shares.takerOf(by.user));
    this.#audit.recordFirstUse(by, owner, name);
  }
}
