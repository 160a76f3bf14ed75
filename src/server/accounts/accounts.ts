/**
 * Users and their access keys, in the store. Several processes may use it at the
 * same time, so `sallyport user add` affects a running server at once. Look-ups
 * do not wait: the directory in memory has all users and keys.
 */
import { HASH_COST, type HashCost } from "./access_key.ts";
import { AccountError } from "./account_error.ts";
import type { Membership, UserSummary } from "./account_rows.ts";
import { type Actor, AuditLog, OPERATOR } from "./audit_log.ts";
import type { DatabaseOptions } from "../../store/database.ts";
import type { Sql, Work } from "../../store/sql.ts";
import { openSqlite } from "../../store/sqlite.ts";
import { AccountDirectory } from "./account_directory.ts";
import {
  type KeyLookup,
  type KeySummary,
  KeyTable,
  type NewKey,
  type VerifiedKey,
} from "./key_table.ts";
import { OrganizationTable } from "./organization_table.ts";
import { ExternalUsers, membershipText } from "./people/external_users.ts";
import { FIRST_KEY, Invitations } from "./people/invitations.ts";
import { checkUserName, UserTable } from "./user_table.ts";

export { AccountError } from "./account_error.ts";
export type { Identity, Membership, UserSummary } from "./account_rows.ts";
export type { KeySummary, NewKey, VerifiedKey } from "./key_table.ts";
export type { OrganizationSummary } from "./organization_table.ts";
export type { ExternalUser } from "./people/external_users.ts";
export type { InvitationSummary } from "./people/invitation_table.ts";
export type { CreatedInvitation } from "./people/invitations.ts";

/** A user in `SALLYPORT_USERS`. */
export interface Credentials {
  /** 1 to 64 letters, digits or `. _ - @`. */
  readonly name: string;
  /** The access key. */
  readonly key: string;
}

/** The new membership, and who sets it; by default the operator. */
export interface MembershipOptions extends Partial<Membership> {
  readonly by?: Actor;
}

/** Options of accounts. */
export interface AccountsOptions extends DatabaseOptions {
  /** The cost of new hashes. */
  readonly cost?: HashCost;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/**
 * Opens the accounts in a SQLite file.
 *
 * @param databasePath A file, or `:memory:`.
 * @throws {DatabaseError} When the file cannot be used.
 */
export function openAccounts(
  databasePath: string,
  { cost = HASH_COST, now = Date.now, ...options }: AccountsOptions = {},
): Accounts {
  return new Accounts(openSqlite(databasePath, options), { cost, now });
}

/** The users of the server. All changes are recorded in the audit log. */
export class Accounts implements Disposable {
  /** The log of all changes. */
  readonly audit: AuditLog;
  /** The organizations of all users. */
  readonly organizations: OrganizationTable;
  /** The users who sign in at an identity provider. */
  readonly external: ExternalUsers;
  /** Links by which people become users. */
  readonly invitations: Invitations;
  readonly #sql: Sql;
  readonly #directory: AccountDirectory;
  readonly #users: UserTable;
  readonly #keys: KeyTable;

  /** @param sql The store. It is closed with the accounts. */
  constructor(
    sql: Sql,
    { cost, now }: { readonly cost: HashCost; readonly now: () => number },
  ) {
    this.#sql = sql;
    const directory = this.#directory = new AccountDirectory(sql);
    const audit = this.audit = new AuditLog(sql, now);
    const users = this.#users = new UserTable(now);
    const keys = this.#keys = new KeyTable({ sql, directory, cost, now });
    this.organizations = new OrganizationTable({ sql, directory, audit, now });
    this.external = new ExternalUsers({ sql, directory, users, audit });
    this.invitations = new Invitations({ sql, users, keys, audit, now });
  }

  /**
   * Adds a user and returns the access key, which cannot be read again. The
   * first user of an organization is its admin by default.
   *
   * @throws {AccountError} When the name is taken, or is not 1 to 64 letters,
   * digits or `. _ - @`, or there is no such organization.
   */
  async addUser(
    name: string,
    { by = OPERATOR, ...membership }: MembershipOptions = {},
  ): Promise<string> {
    checkUserName(name);
    return await this.#sql.transaction(() =>
      this.#adding(name, { by, ...membership })
    );
  }

  /**
   * Changes a user's role, team or organization. Missing values stay as they are.
   * In another organization the user is by default a member without a team.
   *
   * @throws {AccountError} When there is no such user or organization, the
   * organization's people would have no admin, or an identity provider says it.
   */
  async setMembership(
    name: string,
    { by = OPERATOR, ...change }: MembershipOptions,
  ): Promise<void> {
    await this.#sql.transaction(() => this.#moving(name, change, by));
  }

  /**
   * Disables a user, whose keys, tunnels and page sessions then end, or enables
   * the user again. Says whether that changed anything.
   *
   * @throws {AccountError} When there is no such user, or the organization's people would have no admin.
   */
  async setDisabled(
    name: string,
    isDisabled: boolean,
    by: Actor = OPERATOR,
  ): Promise<boolean> {
    return await this.#sql.transaction(() =>
      this.#disabling(name, isDisabled, by)
    );
  }

  /**
   * Ensures that these users exist with these keys. Other users and keys stay.
   *
   * @throws {AccountError} Before it changes anything.
   */
  async bootstrap(users: readonly Credentials[]): Promise<void> {
    for (const { name, key } of users) {
      checkUserName(name);
      this.#keys.check(name, key);
    }
    for (const { name, key } of users) {
      const isNew = await this.#sql.transaction(() => this.#insert(name, {}));
      const hash = await this.#keys.hashUnlessSame(name, FIRST_KEY, key);
      if (hash === undefined) continue;
      await this.#sql.transaction(() => this.#rekeying(name, hash, isNew));
    }
  }

  /** The users of an organization, or of all, by name. */
  listUsers(organization?: string): readonly UserSummary[] {
    return this.#directory.users(organization);
  }

  findUser(name: string): UserSummary | undefined {
    return this.#directory.user(name);
  }

  /** Whether there is a user of this name. */
  hasUser(name: string): boolean {
    return this.findUser(name) !== undefined;
  }

  /** Removes a user, and returns whether it existed. @throws {AccountError} When the organization's people would have no admin. */
  async removeUser(name: string, by: Actor = OPERATOR): Promise<boolean> {
    return await this.#sql.transaction(() => this.#removing(name, by));
  }

  /**
   * Creates another access key for a user and returns it. It cannot be read again.
   *
   * @throws {AccountError} When there is no such user, the name of the key is
   * taken or invalid, or the user has the maximum of keys.
   */
  async addKey(user: string, key: NewKey, by?: Actor): Promise<string> {
    return await this.#sql.transaction(() => this.#addingKey(user, key, by));
  }

  /**
   * Replaces a key by a new one of the same name and scope, and returns it. By
   * default it lives as long as the old one did.
   *
   * @returns `undefined` when there is no such key.
   * @throws {AccountError} When there is no such user.
   */
  async rotateKey(
    user: string,
    name: string,
    { expiresAt }: Pick<NewKey, "expiresAt"> = {},
    by?: Actor,
  ): Promise<string | undefined> {
    const old = this.listKeys(user).find((key) => key.name === name);
    if (old === undefined) return undefined;
    const lifetime = old.expiresAt && old.expiresAt - old.createdAt;
    const key = {
      name,
      scope: old.scope,
      expiresAt: expiresAt ?? (lifetime && Date.now() + lifetime),
    };
    return await this.#sql.transaction(() => this.#rotating(user, key, by));
  }

  /** The keys of a user, by name. @throws {AccountError} When there is no such user. */
  listKeys(user: string): readonly KeySummary[] {
    if (!this.hasUser(user)) throw noSuchUser(user);
    return this.#keys.list(user);
  }

  /** The key of this name; `undefined` if it has expired or does not exist. */
  findKey(user: string, name: string): VerifiedKey | undefined {
    return this.#keys.find(user, name);
  }

  /** Revokes a key, and returns whether it existed. */
  async revokeKey(user: string, name: string, by?: Actor): Promise<boolean> {
    return await this.#sql.transaction(() => this.#revoking(user, name, by));
  }

  /** Looks up the user's key that `key` may be. It computes no slow hash yet. */
  lookUp(name: string, key: string): KeyLookup {
    return this.#keys.lookUp(name, key);
  }

  /** The number of slow hashes computed so far. */
  get hashCount(): number {
    return this.#keys.hashCount;
  }

  [Symbol.dispose](): void {
    this.#directory[Symbol.dispose]();
    this.#sql[Symbol.dispose]();
  }

  *#adding(name: string, membership: MembershipOptions): Work<string> {
    if ((yield* this.#users.find(name)) !== undefined) throw nameTaken(name);
    if (!(yield* this.#insert(name, membership))) throw nameTaken(name);
    return yield* this.#keys.add(name, { name: FIRST_KEY });
  }

  *#moving(
    name: string,
    change: Partial<Membership>,
    by: Actor,
  ): Work<void> {
    const before = yield* this.#require(name);
    if (before.identity !== undefined) throw isExternal(name);
    const after = membershipAfter(before, change);
    const detail = `${membershipText(before)} → ${membershipText(after)}`;
    const event = { by, action: "user_changed", user: name, detail } as const;
    // Admins of both organizations see the entry.
    if (after.organization !== before.organization) {
      yield* this.audit.writing(event);
    }
    yield* this.#users.setMembership(name, after);
    yield* this.audit.writing(event);
  }

  *#disabling(name: string, isDisabled: boolean, by: Actor): Work<boolean> {
    const { disabled } = yield* this.#require(name);
    const wanted = isDisabled ? "admin" : undefined;
    if (disabled === wanted) return false;
    yield* this.#users.setDisabled(name, wanted);
    const action = isDisabled ? "user_disabled" : "user_enabled";
    yield* this.audit.writing({ by, action, user: name });
    return true;
  }

  *#rekeying(name: string, hash: string, isNew: boolean): Work<void> {
    yield* this.#revoking(name, FIRST_KEY);
    yield* this.#keys.put(name, FIRST_KEY, hash);
    if (!isNew) yield* this.#auditKey(name, { name: FIRST_KEY });
  }

  *#removing(name: string, by: Actor): Work<boolean> {
    if ((yield* this.#users.find(name)) === undefined) return false;
    yield* this.audit.writing({ by, action: "user_removed", user: name });
    return yield* this.#users.remove(name);
  }

  *#addingKey(user: string, key: NewKey, by?: Actor): Work<string> {
    yield* this.#require(user);
    const created = yield* this.#keys.add(user, key);
    yield* this.#auditKey(user, key, by);
    return created;
  }

  *#rotating(user: string, key: NewKey, by?: Actor): Work<string | undefined> {
    if (!(yield* this.#revoking(user, key.name, by))) return undefined;
    return yield* this.#addingKey(user, key, by);
  }

  /** Returns whether the user is new. */
  *#insert(
    name: string,
    { by = OPERATOR, ...membership }: MembershipOptions,
  ): Work<boolean> {
    if (!(yield* this.#users.add(name, membership))) return false;
    const detail = membershipText(yield* this.#require(name));
    yield* this.audit.writing({ by, action: "user_added", user: name, detail });
    return true;
  }

  *#revoking(
    user: string,
    object: string,
    by: Actor = OPERATOR,
  ): Work<boolean> {
    if (!(yield* this.#keys.revoke(user, object))) return false;
    yield* this.audit.writing({ by, action: "key_revoked", user, object });
    return true;
  }

  *#auditKey(
    user: string,
    { name: object, scope: detail = "all" }: NewKey,
    by: Actor = OPERATOR,
  ): Work<void> {
    const action = "key_created";
    yield* this.audit.writing({ by, action, user, object, detail });
  }

  *#require(name: string): Work<UserSummary> {
    const user = yield* this.#users.find(name);
    if (user === undefined) throw noSuchUser(name);
    return user;
  }
}

/** Role and team belong to one organization, and do not follow the user to another. */
function membershipAfter(
  before: Membership,
  change: Partial<Membership>,
): Membership {
  const { organization = before.organization } = change;
  const stays = organization === before.organization;
  return stays
    ? { ...before, ...change }
    : { team: undefined, role: "member", ...change, organization };
}

function isExternal(name: string): AccountError {
  return new AccountError(
    "isExternal",
    `Cannot change user "${name}": organization, team and role come from the ` +
      "identity provider, change the user's groups there",
  );
}

function nameTaken(name: string): AccountError {
  return new AccountError(
    "nameTaken",
    `Cannot add user "${name}": the name is taken, remove that user first or choose another name`,
  );
}

function noSuchUser(name: string): AccountError {
  return new AccountError(
    "noSuchUser",
    `Cannot find user "${name}": add it with "sallyport user add ${name}"`,
  );
}
