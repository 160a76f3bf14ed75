/**
 * Invitations: links for people who have no account at an identity provider. A
 * link works once, for a time. Its secret is random, and only its hash is kept.
 */
import { randomBytes } from "node:crypto";
import { type Role, ROLES } from "../../../api/resources/account_types.ts";
import {
  change,
  rowOf,
  rowsOf,
  type Sql,
  type SqlRow,
  type Work,
} from "../../../store/sql.ts";
import { AccountError } from "../account_error.ts";
import { generateSecret, SecretHash } from "../secret.ts";
import type { Membership } from "../account_rows.ts";

/** Most links of an organization that can still be used. It bounds what admins can make. */
export const MAX_OPEN = 100;
/** How long a link is kept after its end, in milliseconds, so that its page can say that it was used. */
const KEPT = 30 * 24 * 60 * 60 * 1000;
/** Most links of an organization that are kept after their end; the oldest go first. */
const MAX_ENDED = 1_000;
/** Bytes of an id. It only names the link in lists. */
const ID_BYTES = 6;

/** What an invited person gets. */
export interface NewInvitation extends Membership {
  /** A user, or `(operator)`. */
  readonly invitedBy: string;
  /** When the link ends, in milliseconds since 1970. */
  readonly expiresAt: number;
}

/** An invitation, without its secret. Times are in milliseconds since 1970. */
export interface InvitationSummary extends NewInvitation {
  /** 12 hexadecimal digits. */
  readonly id: string;
  readonly createdAt: number;
  /** `undefined` if nobody has used it. */
  readonly usedAt: number | undefined;
  /** Name of the user who came by it. */
  readonly usedBy: string | undefined;
}

/** The table of invitations. */
export class InvitationTable {
  readonly #sql: Sql;
  readonly #now: () => number;

  /** @param now Milliseconds since 1970. */
  constructor(sql: Sql, now: () => number) {
    this.#sql = sql;
    this.#now = now;
  }

  /** Stores an invitation. Returns its id, and the token for the link. @throws {AccountError} `tooManyInvitations`. */
  *add(
    { organization, team, role, invitedBy, expiresAt }: NewInvitation,
  ): Work<{ readonly id: string; readonly token: string }> {
    yield* this.#prune(organization);
    const open = yield* this.#countOpen(organization);
    if (open >= MAX_OPEN) throw tooMany(organization);
    const id = randomBytes(ID_BYTES).toString("hex");
    const secret = generateSecret();
    yield* change(
      `INSERT INTO invitations
         (id, hash, organization, team, role, invited_by, created_at, expires_at)
       VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)`,
      ...[id, new SecretHash(secret).digest, organization, team ?? null],
      ...[role, invitedBy, this.#now(), expiresAt],
    );
    return { id, token: `${id}.${secret}` };
  }

  /** The invitations of an organization, the newest first. */
  async list(organization: string): Promise<readonly InvitationSummary[]> {
    const rows = await this.#sql.view(() =>
      rowsOf(
        `SELECT * FROM invitations WHERE organization = ?1
       ORDER BY created_at DESC, id`,
        organization,
      )
    );
    return rows.map(summaryOf);
  }

  /** The invitation with this id, also one that is over. */
  *find(id: string): Work<InvitationSummary | undefined> {
    const row = yield* rowOf("SELECT * FROM invitations WHERE id = ?1", id);
    return row && summaryOf(row);
  }

  /**
   * The invitation of a link that can be used now.
   *
   * @throws {AccountError} `noSuchInvitation`; `invitationOver` when it was used or has expired.
   */
  *check(token: string): Work<InvitationSummary> {
    const dot = Math.max(0, token.indexOf("."));
    const row = yield* rowOf(
      "SELECT * FROM invitations WHERE id = ?1",
      token.slice(0, dot),
    );
    const hash = row?.hash instanceof Uint8Array
      ? new SecretHash(row.hash)
      : undefined;
    if (row === undefined || !hash?.matches(token.slice(dot + 1))) {
      throw unknown();
    }
    const found = summaryOf(row);
    if (found.usedAt !== undefined) throw over("was used already");
    if (found.expiresAt <= this.#now()) throw over("has expired");
    return found;
  }

  /** Notes that a user came by an invitation. */
  *markUsed(id: string, usedBy: string): Work<void> {
    yield* change(
      "UPDATE invitations SET used_at = ?1, used_by = ?2 WHERE id = ?3",
      ...[this.#now(), usedBy, id],
    );
  }

  /** Removes an invitation, and says whether it could still be used. */
  *remove(id: string): Work<boolean> {
    const removed = yield* change(
      "DELETE FROM invitations WHERE id = ?1 AND used_at IS NULL",
      id,
    );
    return removed > 0;
  }

  *#countOpen(organization: string): Work<number> {
    const row = yield* rowOf(
      `SELECT count(*) AS open FROM invitations
       WHERE organization = ?1 AND used_at IS NULL AND expires_at > ?2`,
      ...[organization, this.#now()],
    );
    return Number(row?.open);
  }

  /** Removes links that ended long ago, and the oldest ones of very many. */
  *#prune(organization: string): Work<void> {
    const now = this.#now();
    yield* change(
      `DELETE FROM invitations WHERE organization = ?1
         AND (expires_at < ?2 OR used_at < ?2)`,
      ...[organization, now - KEPT],
    );
    yield* change(
      `DELETE FROM invitations WHERE organization = ?1
         AND (used_at IS NOT NULL OR expires_at <= ?2) AND id NOT IN (
           SELECT id FROM invitations WHERE organization = ?1
             AND (used_at IS NOT NULL OR expires_at <= ?2)
           ORDER BY created_at DESC LIMIT ?3)`,
      ...[organization, now, MAX_ENDED],
    );
  }
}

function tooMany(organization: string): AccountError {
  return new AccountError(
    "tooManyInvitations",
    `Cannot invite: organization "${organization}" has ${MAX_OPEN} open ` +
      "invitations, revoke one first",
  );
}

/** The error for a link without an invitation. */
function unknown(): AccountError {
  return new AccountError(
    "noSuchInvitation",
    "Cannot find this invitation: it was revoked, or the link is not " +
      "complete, ask for another",
  );
}

/** The error for a link that worked once. */
export function over(why: string): AccountError {
  return new AccountError(
    "invitationOver",
    `Cannot use this invitation: it ${why}, ask for another`,
  );
}

function summaryOf(row: SqlRow): InvitationSummary {
  return {
    id: String(row.id),
    organization: String(row.organization),
    team: row.team === null ? undefined : String(row.team),
    // An unknown role of a newer program counts as the smallest one.
    role: roleOf(row.role),
    invitedBy: String(row.invited_by),
    createdAt: Number(row.created_at),
    expiresAt: Number(row.expires_at),
    usedAt: row.used_at === null ? undefined : Number(row.used_at),
    usedBy: row.used_by === null ? undefined : String(row.used_by),
  };
}

function roleOf(value: unknown): Role {
  return ROLES.find((role) => role === value) ?? "member";
}
