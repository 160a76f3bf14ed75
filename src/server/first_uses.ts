/**
 * Notes in the audit log who uses whose tunnel: once a day, and not with every
 * request.
 *
 * @module
 */
import type { Actor, AuditLog } from "./audit_log.ts";

/** Uses that are remembered, about 1 MB; after more the log is asked whether it has them. */
const MAX_USES = 10_000;
const DAY = 24 * 60 * 60 * 1000;

/** Somebody's use of another user's tunnel. */
export interface TunnelUse {
  readonly by: Actor;
  readonly owner: string;
  /** Of the tunnel. */
  readonly name: string;
}

/** The uses of today. */
export class FirstUses {
  readonly #audit: Pick<AuditLog, "noteUse">;
  readonly #now: () => number;
  readonly #noted = new Set<string>();
  #day = 0;

  constructor(audit: Pick<AuditLog, "noteUse">, now: () => number = Date.now) {
    this.#audit = audit;
    this.#now = now;
  }

  /** Notes it, if it is the first one of this day (UTC). */
  note({ by, owner, name }: TunnelUse): void {
    const day = Math.floor(this.#now() / DAY);
    if (day !== this.#day || this.#noted.size >= MAX_USES) this.#noted.clear();
    this.#day = day;
    // No user name has a `+`.
    const use = `${by.user}+${owner}+${name}`;
    if (this.#noted.has(use)) return;
    this.#noted.add(use);
    this.#audit.noteUse(by, owner, name);
  }
}
