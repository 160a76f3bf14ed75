/**
 * The users of the server: where each belongs and what each may do.
 *
 * @module
 */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import {
  DEFAULT_ORGANIZATION,
  PLAIN_NAME,
  type Role,
  ROLES,
  USER_NAME,
} from "../../api/resources/account_types.ts";
import { AccountError } from "./account_error.ts";

/** Users of an organization: a company's worth, and a bound for the table, which its admins can fill. */
export const MAX_USERS = 10_000;
/** Names that mean something else as a segment of the REST API's paths. */
const RESERVED: readonly string[] = [".", "..", "public"];

/** Where a user belongs, and what they are there. */
export interface Membership {
  readonly organization: string;
  /** `undefined` without a team. */
  readonly team: string | undefined;
  readonly role: Role;
}

/** What may be told about a user. */
export interface UserSummary extends Membership {
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
}

/** The table of users. */
export class UserTable {
  readonly #database: DatabaseSync;
  readonly #now: () => number;
  /** Kept, because every request of another user's tunnel asks. */
  readonly #find: StatementSync;

  constructor(database: DatabaseSync, now: () => number) {
    this.#database = database;
    this.#now = now;
    this.#find = database.prepare("SELECT * FROM users WHERE name = ?");
  }

  /**
   * Adds a user; the first one of an organization is its admin unless something
   * else is said. Says whether the name was free.
   *
   * @throws {AccountError} `nameInvalid` of the team, `noSuchOrganization`, `tooManyUsers`.
   */
  add(name: string, place: Partial<Membership> = {}): boolean {
    const { organization = DEFAULT_ORGANIZATION, team } = place;
    this.#check({ organization, team });
    const users = this.#count(organization);
    if (users >= MAX_USERS) throw tooManyUsers(name, organization);
    const { role = users === 0 ? "admin" : "member" } = place;
    return this.#database.prepare(
      `INSERT INTO users (name, created_at, organization, team, role)
       VALUES (?, ?, ?, ?, ?) ON CONFLICT (name) DO NOTHING`,
    ).run(name, this.#now(), organization, team ?? null, role).changes > 0;
  }

  /**
   * Gives a user another place, as a part of a transaction.
   *
   * @throws {AccountError} `nameInvalid` of the team, `noSuchOrganization`, `lastAdmin`.
   */
  move(name: string, place: Membership): void {
    this.#check(place);
    const before = this.find(name);
    const { organization, team, role } = place;
    this.#database.prepare(
      "UPDATE users SET organization = ?, team = ?, role = ? WHERE name = ?",
    ).run(organization, team ?? null, role, name);
    this.#keepAdmin(before, "change");
  }

  /** The user of this name. */
  find(name: string): UserSummary | undefined {
    const row = this.#find.get(name);
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
   * Removes a user with their keys, as a part of a transaction; says whether
   * there was one.
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
   * People who had an admin shall have one: nobody else gives the role to any
   * of them but the operator. Programs alone need none.
   */
  #keepAdmin(
    before: UserSummary | undefined,
    verb: "change" | "remove",
  ): void {
    if (before?.role !== "admin") return;
    const { admins, people } = this.#database.prepare(
      `SELECT count(*) FILTER (WHERE role = 'admin') AS admins,
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
    const there = this.#database.prepare(
      "SELECT 1 FROM organizations WHERE name = ?",
    ).get(organization);
    if (there === undefined) throw noSuchOrganization(organization);
  }
}

/** Whether a user may be called so. @throws {AccountError} `nameInvalid`. */
export function checkUserName(name: string): void {
  if (USER_NAME.test(name) && !RESERVED.includes(name)) return;
  const why = RESERVED.includes(name)
    ? "the name is reserved, choose another"
    : "a name has 1 to 64 letters, digits or . _ - @";
  throw new AccountError("nameInvalid", `Cannot add user "${name}": ${why}`);
}

/** Whether a key, a team or an organization may be called so. @throws {AccountError} `nameInvalid`. */
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

/** The error for an organization that is not there. */
export function noSuchOrganization(name: string): AccountError {
  return new AccountError(
    "noSuchOrganization",
    `Cannot find organization "${name}": make it with "sallyport org create ${name}"`,
  );
}

function lastAdmin(
  { name, organization }: UserSummary,
  verb: string,
): AccountError {
  return new AccountError(
    "lastAdmin",
    `Cannot ${verb} user "${name}": nobody else is an admin of organization ` +
      `"${organization}", make another one first with ` +
      '"sallyport user set NAME --role admin"',
  );
}

function tooManyUsers(name: string, organization: string): AccountError {
  return new AccountError(
    "tooManyUsers",
    `Cannot add user "${name}": organization "${organization}" has ${MAX_USERS}, remove one first`,
  );
}

function summaryOf(row: Record<string, unknown>): UserSummary {
  return {
    name: String(row.name),
    createdAt: Number(row.created_at),
    organization: String(row.organization),
    team: row.team === null ? undefined : String(row.team),
    // Of a newer program's role the least is believed.
    role: ROLES.find((role) => role === row.role) ?? "member",
  };
}
