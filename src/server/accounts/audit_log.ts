/**
 * Who did what, and when: rare things only, one row each, readable by the
 * admins of the organization whose users they concern. It has no secrets.
 *
 * @module
 */
import type { DatabaseSync } from "node:sqlite";
import { fairShare } from "../../async/fair_share.ts";
import {
  AUDIT_ACTIONS,
  type AuditAction,
} from "../../api/resources/account_types.ts";
import { logger } from "../../log/log.ts";

/** How long rows are kept, in milliseconds: a year, and a month to look back at it. */
export const MAX_AUDIT_AGE: number = 396 * 24 * 60 * 60 * 1000;
/** Rows of one organization, about 30 MB; a busy one pushes out nobody else's, and of its users those with the most give way. */
const MAX_AUDIT_ROWS = 200_000;
/** Rows between two looks for old ones, which take milliseconds. */
const PRUNE_EVERY = 256;

const log = logger("server");

/** Who did something. */
export interface Actor {
  /** A user, or {@linkcode OPERATOR} or {@linkcode SERVER}, whose names no user can have. */
  readonly user: string;
  /** Name of the key it was done with. */
  readonly key?: string | undefined;
  /** IP address it came from. */
  readonly address?: string | undefined;
}

/** Whoever has the server's files: the command line, and the server's options. */
export const OPERATOR: Actor = { user: "(operator)" };
/** The server by itself. */
export const SERVER: Actor = { user: "(server)" };

/** What happened. */
export interface AuditEvent {
  readonly by: Actor;
  readonly action: AuditAction;
  /** The user whom it concerns; with it goes the organization. */
  readonly user?: string;
  /** The organization that it concerns, where it is no user. */
  readonly organization?: string;
  /** The tunnel, key or organization that it is about. */
  readonly object?: string;
  /** More about it, in a few words. */
  readonly detail?: string;
}

/** A row of the log. */
export interface AuditEntry extends Required<Omit<AuditEvent, "by">> {
  readonly id: number;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly by: Required<Actor>;
}

/** Which rows to read. */
export interface AuditQuery {
  /** Only those about users of it; of all, and about nobody known, unless given. */
  readonly organization?: string | undefined;
  /** Only those of this user, or about them. */
  readonly user?: string | undefined;
  /** Not older than this, in milliseconds since 1970. */
  readonly since?: number | undefined;
  /** Older than the row of this id. */
  readonly before?: number | undefined;
  readonly limit: number;
}

/** Writes rows in the database of the accounts, finds them again, and forgets what is too old or too much. */
export class AuditLog {
  readonly #database: DatabaseSync;
  readonly #now: () => number;

  constructor(database: DatabaseSync, now: () => number) {
    this.#database = database;
    this.#now = now;
  }

  /** Writes a row, perhaps as a part of a transaction. */
  write(
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

  /** Writes a row, or a line of the server's log: that the disk is full does not undo what happened. */
  note(event: AuditEvent): void {
    try {
      this.write(event);
    } catch (error) {
      const { action, user } = event;
      log.error("audit log cannot be written", { action, user, error });
    }
  }

  /** Notes the first time on this day (UTC) that somebody uses another's tunnel. */
  noteUse(by: Actor, user: string, object: string): void {
    const now = this.#now();
    const row = this.#database.prepare(
      `SELECT 1 FROM audit WHERE action = 'tunnel_used' AND actor = ?
         AND user = ? AND object = ? AND at >= ?`,
    ).get(by.user, user, object, now - now % DAY);
    if (row === undefined) {
      this.note({ by, action: "tunnel_used", user, object });
    }
  }

  /** Rows, newest first; of two about one move between organizations the first, where both are read. */
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

  /** Removes what is too old, and what an organization has too much of. */
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

  /** Nobody shall fill the log until what they did before is forgotten, and what others did. */
  #pruneOne(organization: string, maxRows: number): void {
    const { rows = 0 } = this.#database.prepare(
      "SELECT count(*) AS rows FROM audit WHERE organization = ?",
    ).get(organization) ?? {};
    if (Number(rows) <= maxRows) return;
    // Counting by actor takes a while: some more go, so that it is seldom.
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
