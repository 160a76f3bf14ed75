/** The users of the server with their organization, team and role. */
import type { StatementSync } from "node:sqlite";
import {
  DEFAULT_ORGANIZATION,
  type Disabler,
  DISABLERS,
  PLAIN_NAME,
  type Role,
  ROLES,
  USER_NAME,
} from "../../api/resources/account_types.ts";
import type { Database } from "../storage/database.ts";
import { AccountError } from "./account_error.ts";

/** Most users of an organization: enough for a company. It bounds the table, which admins can fill. */
export const MAX_USERS = 10_000;
/** Names with another meaning in the paths of the REST API and of pages. */
const RESERVED: readonly string[] = [".", "..", "public", "invitations"];

/** A user's organization, team and role. */
export interface Membership {
  readonly organization: string;
  /** `undefined` without a team. */
  readonly team: string | undefined;
  readonly role: Role;
}

/** Who a user is at an identity provider. Names and addresses change there, these do not. */
export interface Identity {
  /** The address of the provider (`iss`). */
  readonly issuer: string;
  /** The provider's own name of the user (`sub`). */
  readonly subject: string;
}

/** A user. */
export interface UserSummary extends Membership {
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  /** Of a user who signs in at an identity provider; `undefined` for users of this server alone. */
  readonly identity?: Identity | undefined;
  /** Who disabled the user: no key works and no page opens. `undefined` if nobody did. */
  readonly disabled?: Disabler | undefined;
}

/** A new user: by default of this server alone. */
export interface NewUser extends Partial<Membership> {
  readonly identity?: Identity | undefined;
}

/** The table of users. */
export class UserTable {
  readonly #database: Database;
  readonly #now: () => number;
  /** Prepared once, because every request through another user's tunnel runs it. */
  readonly #find: StatementSync;

  /** @param now Milliseconds since 1970. */
  constructor(database: Database, now: () => number) {
    this.#database = database;
    this.#now = now;
    this.#find = database.prepare("SELECT * FROM users WHERE name = ?");
  }

  /**
   * Adds a user, and returns whether the name was free. The first user of an
   * organization is its admin by default.
   *
   * @throws {AccountError} `nameInvalid` of the team, `noSuchOrganization`, `tooManyUsers`.
   */
  add(name: string, membership: NewUser = {}): boolean {
    const { organization = DEFAULT_ORGANIZATION, team, identity } = membership;
    this.#check({ organization, team });
    const users = this.#count(organization);
    if (users >= MAX_USERS) throw tooManyUsers(name, organization);
    const { role = users === 0 ? "admin" : "member" } = membership;
    return this.#database.prepare(
      `INSERT INTO users
         (name, created_at, organization, team, role, issuer, subject)
       VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (name) DO NOTHING`,
    ).run(
      ...[name, this.#now(), organization, team ?? null, role],
      ...[identity?.issuer ?? null, identity?.subject ?? null],
    ).changes > 0;
  }

  /**
   * Changes the membership of a user, as part of a transaction. What an identity
   * provider says (`isFinal`) counts for the last admin too.
   *
   * @throws {AccountError} `nameInvalid` of the team, `noSuchOrganization`, `lastAdmin`.
   */
  setMembership(
    name: string,
    membership: Membership,
    { isFinal = false }: { readonly isFinal?: boolean } = {},
  ): void {
    this.#check(membership);
    const before = this.find(name);
    const { organization, team, role } = membership;
    this.#database.prepare(
      "UPDATE users SET organization = ?, team = ?, role = ? WHERE name = ?",
    ).run(organization, team ?? null, role, name);
    if (!isFinal) this.#keepAdmin(before, "change");
  }

  /**
   * Disables or enables a user, as part of a transaction. What an identity
   * provider says counts for the last admin too.
   *
   * @throws {AccountError} `lastAdmin`.
   */
  setDisabled(name: string, disabled: Disabler | undefined): void {
    const before = this.find(name);
    this.#database.prepare("UPDATE users SET disabled = ? WHERE name = ?")
      .run(disabled ?? null, name);
    if (disabled === "admin") this.#keepAdmin(before, "disable");
  }

  find(name: string): UserSummary | undefined {
    const row = this.#find.get(name);
    return row && summaryOf(row);
  }

  /** The user that an identity provider means. */
  findByIdentity({ issuer, subject }: Identity): UserSummary | undefined {
    const row = this.#database.prepare(
      "SELECT * FROM users WHERE issuer = ? AND subject = ?",
    ).get(issuer, subject);
    return row && summaryOf(row);
  }

  /** The users of an organization, or of all, by name. */
  list(organization?: string): readonly UserSummary[] {
    const rows = organization === undefined
      ? this.#database.prepare("SELECT * FROM users ORDER BY name").all()
      : this.#database.prepare(
        "SELECT * FROM users WHERE organization = ? ORDER BY name",
      ).all(organization);
    return rows.map(summaryOf);
  }

  /**
   * Removes a user with their keys, as part of a transaction, and returns whether
   * it existed.
   *
   * @throws {AccountError} `lastAdmin`.
   */
  remove(name: string): boolean {
    const before = this.find(name);
    const { changes } = this.#database.prepare(
      "DELETE FROM users WHERE name = ?",
    ).run(name);
    this.#keepAdmin(before, "remove");
    return changes > 0;
  }

  /**
   * An organization with people keeps an admin: without one, only the operator
   * could appoint another. One with service accounts only needs none.
   */
  #keepAdmin(
    before: UserSummary | undefined,
    verb: "change" | "disable" | "remove",
  ): void {
    if (before?.role !== "admin") return;
    const { admins, people } = this.#database.prepare(
      `SELECT count(*) FILTER (WHERE role = 'admin' AND disabled IS NULL)
           AS admins,
         count(*) FILTER (WHERE role <> 'service') AS people
       FROM users WHERE organization = ?`,
    ).get(before.organization) ?? {};
    if (admins === 0 && people !== 0) throw lastAdmin(before, verb);
  }

  #count(organization: string): number {
    const row = this.#database.prepare(
      "SELECT count(*) AS users FROM users WHERE organization = ?",
    ).get(organization);
    return Number(row?.users);
  }

  #check(
    { organization, team }: Pick<Membership, "organization" | "team">,
  ): void {
    checkPlainName("team", team ?? "none");
    this.checkOrganization(organization);
  }

  /** Checks that there is an organization of this name. @throws {AccountError} `noSuchOrganization`. */
  checkOrganization(organization: string): void {
    const there = this.#database.prepare(
      "SELECT 1 FROM organizations WHERE name = ?",
    ).get(organization);
    if (there === undefined) throw noSuchOrganization(organization);
  }
}

/** Checks the name of a user. @throws {AccountError} `nameInvalid`. */
export function checkUserName(name: string): void {
  if (USER_NAME.test(name) && !RESERVED.includes(name)) return;
  const why = RESERVED.includes(name)
    ? "the name is reserved, choose another"
    : "a name has 1 to 64 letters, digits or . _ - @";
  throw new AccountError("nameInvalid", `Cannot add user "${name}": ${why}`);
}

/** Checks the name of a key, team or organization. @throws {AccountError} `nameInvalid`. */
export function checkPlainName(
  what: "key" | "team" | "organization",
  name: string,
): void {
  if (PLAIN_NAME.test(name)) return;
  throw new AccountError(
    "nameInvalid",
    `Cannot add ${what} "${name}": a name has 1 to 64 letters, digits or . _ -`,
  );
}

/** The error for an unknown organization. */
export function noSuchOrganization(name: string): AccountError {
  return new AccountError(
    "noSuchOrganization",
    `Cannot find organization "${name}": create it with "sallyport org create ${name}"`,
  );
}

function lastAdmin(
  { name, organization }: UserSummary,
  verb: string,
): AccountError {
  return new AccountError(
    "lastAdmin",
    `Cannot ${verb} user "${name}": organization "${organization}" has ` +
      "no other admin, appoint one first with " +
      '"sallyport user set NAME --role admin"',
  );
}

function tooManyUsers(name: string, organization: string): AccountError {
  return new AccountError(
    "tooManyUsers",
    `Cannot add user "${name}": organization "${organization}" has ${MAX_USERS} users, remove one first`,
  );
}

function summaryOf(row: Record<string, unknown>): UserSummary {
  return {
    name: String(row.name),
    createdAt: Number(row.created_at),
    organization: String(row.organization),
    team: row.team === null ? undefined : String(row.team),
    // An unknown role of a newer program counts as the smallest one.
    role: ROLES.find((role) => role === row.role) ?? "member",
    ...row.subject === null ? {} : {
      identity: { issuer: String(row.issuer), subject: String(row.subject) },
    },
    // An unknown word of a newer program disables too.
    ...row.disabled === null ? {} : {
      disabled: DISABLERS.find((each) => each === row.disabled) ?? "admin",
    },
  };
}
