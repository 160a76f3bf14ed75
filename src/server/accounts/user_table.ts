/** The users of the server with their organization, team and role, in transactions. */
import {
  DEFAULT_ORGANIZATION,
  type Disabler,
  PLAIN_NAME,
  USER_NAME,
} from "../../api/resources/account_types.ts";
import { change, rowOf, type Work } from "../../store/sql.ts";
import { AccountError } from "./account_error.ts";
import {
  type Identity,
  type Membership,
  userOf,
  type UserSummary,
} from "./account_rows.ts";

/** Most users of an organization: enough for a company. It bounds the table, which admins can fill. */
export const MAX_USERS = 10_000;
/** Names with another meaning in the paths of the REST API and of pages. */
const RESERVED: readonly string[] = [".", "..", "public", "invitations"];

/** A new user: by default of this server alone. */
export interface NewUser extends Partial<Membership> {
  readonly identity?: Identity | undefined;
}

/** The table of users. */
export class UserTable {
  readonly #now: () => number;

  /** @param now Milliseconds since 1970. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /**
   * Adds a user, and returns whether the name was free. The first user of an
   * organization is its admin by default.
   *
   * @throws {AccountError} `nameInvalid` of the team, `noSuchOrganization`, `tooManyUsers`.
   */
  *add(name: string, membership: NewUser = {}): Work<boolean> {
    const { organization = DEFAULT_ORGANIZATION, team, identity } = membership;
    yield* this.#check({ organization, team });
    const users = yield* this.#count(organization);
    if (users >= MAX_USERS) throw tooManyUsers(name, organization);
    const { role = users === 0 ? "admin" : "member" } = membership;
    const added = yield* change(
      `INSERT INTO users
         (name, created_at, organization, team, role, issuer, subject)
       VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (name) DO NOTHING`,
      ...[name, this.#now(), organization, team ?? null, role],
      ...[identity?.issuer ?? null, identity?.subject ?? null],
    );
    return added > 0;
  }

  /**
   * Changes the membership of a user. What an identity provider says (`isFinal`)
   * counts for the last admin too.
   *
   * @throws {AccountError} `nameInvalid` of the team, `noSuchOrganization`, `lastAdmin`.
   */
  *setMembership(
    name: string,
    membership: Membership,
    { isFinal = false }: { readonly isFinal?: boolean } = {},
  ): Work<void> {
    yield* this.#check(membership);
    const before = yield* this.find(name);
    const { organization, team, role } = membership;
    yield* change(
      `UPDATE users SET organization = ?1, team = ?2, role = ?3
       WHERE name = ?4`,
      ...[organization, team ?? null, role, name],
    );
    if (!isFinal) yield* this.#keepAdmin(before, "change");
  }

  /**
   * Disables or enables a user. What an identity provider says counts for the
   * last admin too.
   *
   * @throws {AccountError} `lastAdmin`.
   */
  *setDisabled(name: string, disabled: Disabler | undefined): Work<void> {
    const before = yield* this.find(name);
    yield* change(
      "UPDATE users SET disabled = ?1 WHERE name = ?2",
      ...[disabled ?? null, name],
    );
    if (disabled === "admin") yield* this.#keepAdmin(before, "disable");
  }

  /** The user of this name, as this transaction sees it. */
  *find(name: string): Work<UserSummary | undefined> {
    const row = yield* rowOf("SELECT * FROM users WHERE name = ?1", name);
    return row && userOf(row);
  }

  /** The user that an identity provider means. */
  *findByIdentity(
    { issuer, subject }: Identity,
  ): Work<UserSummary | undefined> {
    const row = yield* rowOf(
      "SELECT * FROM users WHERE issuer = ?1 AND subject = ?2",
      ...[issuer, subject],
    );
    return row && userOf(row);
  }

  /**
   * Removes a user with their keys, and returns whether it existed.
   *
   * @throws {AccountError} `lastAdmin`.
   */
  *remove(name: string): Work<boolean> {
    const before = yield* this.find(name);
    const removed = yield* change("DELETE FROM users WHERE name = ?1", name);
    yield* this.#keepAdmin(before, "remove");
    return removed > 0;
  }

  /** Checks that there is an organization of this name. @throws {AccountError} `noSuchOrganization`. */
  *checkOrganization(organization: string): Work<void> {
    const there = yield* rowOf(
      "SELECT 1 AS there FROM organizations WHERE name = ?1",
      organization,
    );
    if (there === undefined) throw noSuchOrganization(organization);
  }

  /**
   * An organization with people keeps an admin: without one, only the operator
   * could appoint another. One with service accounts only needs none.
   */
  *#keepAdmin(
    before: UserSummary | undefined,
    verb: "change" | "disable" | "remove",
  ): Work<void> {
    if (before?.role !== "admin") return;
    const { admins, people } = (yield* rowOf(
      `SELECT count(*) FILTER (WHERE role = 'admin' AND disabled IS NULL)
           AS admins,
         count(*) FILTER (WHERE role <> 'service') AS people
       FROM users WHERE organization = ?1`,
      before.organization,
    )) ?? {};
    const isWithout = Number(admins) === 0 && Number(people) !== 0;
    if (isWithout) throw lastAdmin(before, verb);
  }

  *#count(organization: string): Work<number> {
    const row = yield* rowOf(
      "SELECT count(*) AS users FROM users WHERE organization = ?1",
      organization,
    );
    return Number(row?.users);
  }

  *#check(
    { organization, team }: Pick<Membership, "organization" | "team">,
  ): Work<void> {
    checkPlainName("team", team ?? "none");
    yield* this.checkOrganization(organization);
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
