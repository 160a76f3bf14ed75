/**
 * The audit log: who did what, and when. It records rare events only, one row
 * each. Admins of the organization concerned can read them. It contains no secrets.
 */
import { fairShare } from "../../async/fair_share.ts";
import {
  AUDIT_ACTIONS,
  type AuditAction,
} from "../../api/resources/account_types.ts";
import { logger } from "../../log/log.ts";
import type { Database } from "../storage/database.ts";
import { StorageError } from "../storage/storage_health.ts";

/** How long rows are kept, in milliseconds: a year, and a month to review it. */
export const MAX_AUDIT_AGE: number = 396 * 24 * 60 * 60 * 1000;
/** Most rows of one organization, about 30 MB. A busy organization evicts only its own rows, from the users with the most. */
const MAX_AUDIT_ROWS = 200_000;
/** Rows between two prunings, which take milliseconds. */
const PRUNE_EVERY = 256;

const log = logger("server");

/** Who performed an action. */
export interface Actor {
  /** A user, or {@linkcode OPERATOR}, {@linkcode SERVER} or {@linkcode PROVIDER}, whose names are invalid for users. */
  readonly user: string;
  /** Name of the key that authenticated it. */
  readonly key?: string | undefined;
  /** IP address of the request. */
  readonly address?: string | undefined;
}

/** Someone with access to the server's files: the command line or the server's options. */
export const OPERATOR: Actor = { user: "(operator)" };
/** The server on its own initiative. */
export const SERVER: Actor = { user: "(server)" };
/** The identity provider, by what it says of a user. */
export const PROVIDER: Actor = { user: "(provider)" };

/** An event to record. */
export interface AuditEvent {
  readonly by: Actor;
  readonly action: AuditAction;
  /** The user concerned. The organization is theirs. */
  readonly user?: string;
  /** The organization concerned, if no user is. */
  readonly organization?: string;
  /** Name of the tunnel, key or organization. */
  readonly object?: string;
  /** A few words of detail. */
  readonly detail?: string;
}

/** A row of the log. */
export interface AuditEntry extends Required<Omit<AuditEvent, "by">> {
  readonly id: number;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly by: Required<Actor>;
}

/** Selects rows. */
export interface AuditQuery {
  /** Only rows about its users. By default all rows, including those about unknown users. */
  readonly organization?: string | undefined;
  /** Only rows by or about this user. */
  readonly user?: string | undefined;
  /** Only rows since this time, in milliseconds since 1970. */
  readonly since?: number | undefined;
  /** Only rows older than the one with this id. */
  readonly before?: number | undefined;
  readonly limit: number;
}

/** Writes, reads and prunes the audit rows in the database of the accounts. */
export class AuditLog {
  readonly #database: Database;
  readonly #now: () => number;

  /** @param now Milliseconds since 1970. */
  constructor(database: Database, now: () => number) {
    this.#database = database;
    this.#now = now;
  }

  /** Writes a row. It may be part of a transaction. */
  write(event: AuditEvent): void {
    this.#database.write(() => this.#insert(event));
  }

  #insert(
    { by, action, user = "", organization, object, detail }: AuditEvent,
  ): void {
    const { lastInsertRowid } = this.#database.prepare(
      `INSERT INTO audit
         (at, organization, actor, actor_key, address, action, user, object, detail)
       VALUES (?, coalesce(?, (SELECT organization FROM users WHERE name = ?), ''),
         ?, ?, ?, ?, ?, ?, ?)`,
    ).run(
      this.#now(),
      organization ?? null,
      user,
      by.user,
      by.key ?? null,
      by.address ?? null,
      action,
      user,
      object ?? null,
      detail ?? null,
    );
    if (Number(lastInsertRowid) % PRUNE_EVERY === 0) this.prune();
  }

  /** Writes a row; an error is logged. A full disk must not fail an action that already happened. */
  note(event: AuditEvent): void {
    try {
      this.write(event);
    } catch (error) {
      if (error instanceof StorageError) return;
      const { action, user } = event;
      log.error("failed to write audit log", { action, user, error });
    }
  }

  /** Records the first use on this day (UTC) of another user's tunnel. */
  recordFirstUse(by: Actor, user: string, object: string): void {
    const now = this.#now();
    const row = this.#database.prepare(
      `SELECT 1 FROM audit WHERE action = 'tunnel_used' AND actor = ?
         AND user = ? AND object = ? AND at >= ?`,
    ).get(by.user, user, object, now - now % DAY);
    if (row === undefined) {
      this.note({ by, action: "tunnel_used", user, object });
    }
  }

  /** Rows, newest first. A move between organizations has two; if both match, only the first is returned. */
  read(
    { organization, user, since, before, limit }: AuditQuery,
  ): readonly AuditEntry[] {
    return this.#database.prepare(
      `SELECT * FROM audit
       WHERE (?1 IS NULL OR organization = ?1)
         AND (?2 IS NULL OR actor = ?2 OR user = ?2)
         AND at >= ?3 AND (?4 IS NULL OR id < ?4)
         AND (?1 IS NOT NULL OR NOT EXISTS (
           SELECT 1 FROM audit AS twin
           WHERE twin.id = audit.id - 1 AND twin.action = 'user_changed'
             AND twin.action = audit.action AND twin.user = audit.user
             AND twin.detail = audit.detail
             AND twin.organization <> audit.organization))
       ORDER BY id DESC LIMIT ?5`,
    ).all(
      organization ?? null,
      user ?? null,
      since ?? 0,
      before ?? null,
      limit,
    ).map(entryOf);
  }

  /** Removes old rows, and excess rows of organizations. */
  prune(maxRows: number = MAX_AUDIT_ROWS): void {
    this.#database.prepare("DELETE FROM audit WHERE at < ?")
      .run(this.#now() - MAX_AUDIT_AGE);
    const organizations = this.#database.prepare(
      "SELECT DISTINCT organization FROM audit",
    ).all();
    for (const { organization } of organizations) {
      this.#pruneOne(String(organization), maxRows);
    }
  }

  /** Evicts rows fairly by actor: a user cannot flush out their own past or that of others. */
  #pruneOne(organization: string, maxRows: number): void {
    const { rows = 0 } = this.#database.prepare(
      "SELECT count(*) AS rows FROM audit WHERE organization = ?",
    ).get(organization) ?? {};
    if (Number(rows) <= maxRows) return;
    // Counting by actor is slow: some extra rows go, so that it is rare.
    const kept = maxRows - Math.floor(maxRows / 20);
    const actors = this.#database.prepare(
      `SELECT actor, count(*) AS rows FROM audit WHERE organization = ?
       GROUP BY actor`,
    ).all(organization);
    const share = fairShare(actors.map(({ rows }) => Number(rows)), kept);
    for (const { actor = "", rows } of actors) {
      if (Number(rows) <= share) continue;
      this.#database.prepare(
        `DELETE FROM audit WHERE organization = ?1 AND actor = ?2 AND id <=
           (SELECT id FROM audit WHERE organization = ?1 AND actor = ?2
            ORDER BY id DESC LIMIT 1 OFFSET ?3)`,
      ).run(organization, actor, share);
    }
  }
}

const DAY = 24 * 60 * 60 * 1000;

function entryOf(row: Record<string, unknown>): AuditEntry {
  const text = (name: string) => String(row[name] ?? "");
  return {
    id: Number(row.id),
    at: Number(row.at),
    organization: text("organization"),
    by: {
      user: text("actor"),
      key: text("actor_key"),
      address: text("address"),
    },
    action: AUDIT_ACTIONS.find((each) => each === row.action) ?? "user_changed",
    user: text("user"),
    object: text("object"),
    detail: text("detail"),
  };
}
