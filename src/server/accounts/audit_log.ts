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
import { change, rowOf, rowsOf, type Sql, type Work } from "../../store/sql.ts";
import { StorageError } from "../../store/storage_health.ts";

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

/** Writes, reads and prunes the audit rows in the store of the accounts. */
export class AuditLog {
  readonly #sql: Sql;
  readonly #now: () => number;

  /** @param now Milliseconds since 1970. */
  constructor(sql: Sql, now: () => number) {
    this.#sql = sql;
    this.#now = now;
  }

  /** Writes a row. @throws {StorageError} When the disk takes nothing. */
  async write(event: AuditEvent): Promise<void> {
    await this.#sql.transaction(() => this.writing(event));
  }

  /** Writes a row as part of a transaction. */
  *writing(
    { by, action, user = "", organization, object, detail }: AuditEvent,
  ): Work<void> {
    const row = yield* rowOf(
      `INSERT INTO audit
         (at, organization, actor, actor_key, address, action, "user", object, detail)
       VALUES (?1, coalesce(?2, (SELECT organization FROM users WHERE name = ?3), ''),
         ?4, ?5, ?6, ?7, ?3, ?8, ?9)
       RETURNING id`,
      ...[this.#now(), organization ?? null, user, by.user, by.key ?? null],
      ...[by.address ?? null, action, object ?? null, detail ?? null],
    );
    if (Number(row?.id) % PRUNE_EVERY === 0) {
      yield* this.#pruning(MAX_AUDIT_ROWS);
    }
  }

  /** Writes a row, and does not wait for it; an error is logged. A full disk must not fail an action that already happened. */
  note(event: AuditEvent): void {
    this.write(event).catch((error) => logFailure(event, error));
  }

  /** Records the first use on this day (UTC) of another user's tunnel. It does not wait for it. */
  recordFirstUse(by: Actor, user: string, object: string): void {
    const event = { by, action: "tunnel_used", user, object } as const;
    this.#sql.transaction(() => this.#writingFirst(event))
      .catch((error) => logFailure(event, error));
  }

  *#writingFirst(
    event: Required<Pick<AuditEvent, "by" | "user" | "object">> & {
      readonly action: "tunnel_used";
    },
  ): Work<void> {
    const now = this.#now();
    const row = yield* rowOf(
      `SELECT 1 AS there FROM audit WHERE action = 'tunnel_used' AND actor = ?1
         AND "user" = ?2 AND object = ?3 AND at >= ?4`,
      ...[event.by.user, event.user, event.object, now - now % DAY],
    );
    if (row === undefined) yield* this.writing(event);
  }

  /** Rows, newest first. A move between organizations has two; if both match, only the first is returned. */
  async read(
    { organization, user, since, before, limit }: AuditQuery,
  ): Promise<readonly AuditEntry[]> {
    const rows = await this.#sql.view(() =>
      rowsOf(
        `SELECT * FROM audit
       WHERE (?1 IS NULL OR organization = ?1)
         AND (?2 IS NULL OR actor = ?2 OR "user" = ?2)
         AND at >= ?3 AND (?4 IS NULL OR id < ?4)
         AND (?1 IS NOT NULL OR NOT EXISTS (
           SELECT 1 FROM audit AS twin
           WHERE twin.id = audit.id - 1 AND twin.action = 'user_changed'
             AND twin.action = audit.action AND twin."user" = audit."user"
             AND twin.detail = audit.detail
             AND twin.organization <> audit.organization))
       ORDER BY id DESC LIMIT ?5`,
        ...[organization ?? null, user ?? null, since ?? 0, before ?? null],
        limit,
      )
    );
    return rows.map(entryOf);
  }

  /** Removes old rows, and excess rows of organizations. */
  async prune(maxRows: number = MAX_AUDIT_ROWS): Promise<void> {
    await this.#sql.transaction(() => this.#pruning(maxRows));
  }

  *#pruning(maxRows: number): Work<void> {
    yield* change(
      "DELETE FROM audit WHERE at < ?1",
      this.#now() - MAX_AUDIT_AGE,
    );
    const organizations = yield* rowsOf(
      "SELECT DISTINCT organization FROM audit",
    );
    for (const { organization } of organizations) {
      yield* this.#pruningOne(String(organization), maxRows);
    }
  }

  /** Evicts rows fairly by actor: a user cannot flush out their own past or that of others. */
  *#pruningOne(organization: string, maxRows: number): Work<void> {
    const { rows = 0 } = (yield* rowOf(
      "SELECT count(*) AS rows FROM audit WHERE organization = ?1",
      organization,
    )) ?? {};
    if (Number(rows) <= maxRows) return;
    // Counting by actor is slow: some extra rows go, so that it is rare.
    const kept = maxRows - Math.floor(maxRows / 20);
    const actors = yield* rowsOf(
      `SELECT actor, count(*) AS rows FROM audit WHERE organization = ?1
       GROUP BY actor`,
      organization,
    );
    const share = fairShare(actors.map(({ rows }) => Number(rows)), kept);
    for (const { actor = "", rows } of actors) {
      if (Number(rows) <= share) continue;
      yield* change(
        `DELETE FROM audit WHERE organization = ?1 AND actor = ?2 AND id <=
           (SELECT id FROM audit WHERE organization = ?1 AND actor = ?2
            ORDER BY id DESC LIMIT 1 OFFSET ?3)`,
        ...[organization, String(actor), share],
      );
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

function logFailure({ action, user }: AuditEvent, error: unknown): void {
  // It says itself that the disk is full.
  if (error instanceof StorageError) return;
  log.error("failed to write audit log", { action, user, error });
}
