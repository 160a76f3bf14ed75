/**
 * Who may use the server: users and their access keys, in the database. Several
 * processes may work with it at the same time, so `sallyport user add` takes
 * effect in a running server at once.
 *
 * @module
 */
import type { DatabaseSync } from "node:sqlite";
import { HASH_COST, type HashCost } from "./access_key.ts";
import { AccountError } from "./account_error.ts";
import { type Actor, AuditLog, OPERATOR } from "./audit_log.ts";
import {
  type DatabaseOptions,
  inTransaction,
  openDatabase,
} from "../storage/database.ts";
import {
  type KeyLookup,
  type KeySummary,
  KeyTable,
  type NewKey,
  type VerifiedKey,
} from "./key_table.ts";
import { OrganizationTable } from "./organization_table.ts";
import {
  checkUserName,
  type Membership,
  type UserSummary,
  UserTable,
} from "./user_table.ts";

/** The key that a user is added with. */
const FIRST_KEY = "default";

export { AccountError } from "./account_error.ts";
export type { KeySummary, NewKey, VerifiedKey } from "./key_table.ts";
export type { OrganizationSummary } from "./organization_table.ts";
export type { Membership, UserSummary } from "./user_table.ts";

/** A user as `SALLYPORT_USERS` gives it. */
export interface Credentials {
  /** 1 to 64 letters, digits or `. _ - @`. */
  readonly name: string;
  /** The access key. */
  readonly key: string;
}

/** How an account is changed: to what, and by whom; the operator unless given. */
export interface MembershipOptions extends Partial<Membership> {
  readonly by?: Actor;
}

/** The users of the server. What changes them stands in the audit log. */
export interface Accounts extends Disposable {
  /** Who did what. */
  readonly audit: AuditLog;
  /** Where users belong. */
  readonly organizations: OrganizationTable;
  /**
   * Adds a user and returns the access key, which can never be read again. The
   * first user of an organization is its admin unless something else is said.
   *
   * @throws {AccountError} When the name is taken, or is not 1 to 64 letters,
   * digits or `. _ - @`, or there is no such organization.
   */
  addUser(name: string, options?: MembershipOptions): string;
  /**
   * Gives a user another role, team or organization; what is not said stays,
   * but in another organization the user is a member without a team.
   *
   * @throws {AccountError} When there is no such user or organization, or people would lose their last admin.
   */
  setMembership(name: string, options: MembershipOptions): void;
  /**
   * Makes sure that these users exist with these keys; others stay.
   *
   * @throws {AccountError} Before anything is changed.
   */
  bootstrap(users: readonly Credentials[]): Promise<void>;
  /** The users of an organization, or of all, by name. */
  listUsers(organization?: string): readonly UserSummary[];
  /** The user of this name. */
  findUser(name: string): UserSummary | undefined;
  /** Whether there is a user of this name. */
  hasUser(name: string): boolean;
  /** Removes a user; says whether there was one. @throws {AccountError} When people would lose their last admin. */
  removeUser(name: string, by?: Actor): boolean;
  /**
   * Gives a user another access key and returns it; it can never be read again.
   *
   * @throws {AccountError} When there is no such user, the name of the key is
   * taken or no name, or the user has as many keys as allowed.
   */
  addKey(user: string, key: NewKey, by?: Actor): string;
  /** The keys of a user, by name. @throws {AccountError} When there is no such user. */
  listKeys(user: string): readonly KeySummary[];
  /** The key of this name, unless it has expired or there is no such user. */
  findKey(user: string, name: string): VerifiedKey | undefined;
  /** Makes a key useless; says whether there was one of that name. */
  revokeKey(user: string, name: string, by?: Actor): boolean;
  /** Looks up which of the user's keys this may be, if there is such a user; no slow work is done yet. */
  lookUp(name: string, key: string): KeyLookup;
  /** How many slow hashes were computed. */
  readonly hashCount: number;
}

/** What accounts may be told. */
export interface AccountsOptions extends DatabaseOptions {
  /** How slow new hashes are. */
  readonly cost?: HashCost;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/**
 * Opens the accounts.
 *
 * @param databasePath A file, or `:memory:`.
 * @throws {DatabaseError} When the file cannot be used.
 */
export function openAccounts(
  databasePath: string,
  { cost = HASH_COST, now = Date.now, ...options }: AccountsOptions = {},
): Accounts {
  return new StoredAccounts(openDatabase(databasePath, options), { cost, now });
}

class StoredAccounts implements Accounts {
  readonly audit: AuditLog;
  readonly organizations: OrganizationTable;
  readonly #database: DatabaseSync;
  readonly #users: UserTable;
  readonly #keys: KeyTable;

  constructor(
    database: DatabaseSync,
    options: { readonly cost: HashCost; readonly now: () => number },
  ) {
    this.#database = database;
    this.audit = new AuditLog(database, options.now);
    const { now } = options;
    this.organizations = new OrganizationTable(database, {
      now,
      audit: this.audit,
    });
    this.#users = new UserTable(database, options.now);
    this.#keys = new KeyTable(database, options);
  }

  addUser(
    name: string,
    { by = OPERATOR, ...place }: MembershipOptions = {},
  ): string {
    checkUserName(name);
    if (this.hasUser(name)) throw nameTaken(name);
    return this.#whole(() => {
      if (!this.#insert(name, { by, ...place })) throw nameTaken(name);
      return this.#keys.add(name, { name: FIRST_KEY });
    });
  }

  setMembership(
    name: string,
    { by = OPERATOR, ...change }: MembershipOptions,
  ): void {
    this.#whole(() => {
      const before = this.#existing(name);
      const after = placeAfter(before, change);
      const detail = `${textOf(before)} → ${textOf(after)}`;
      const event = { by, action: "user_changed", user: name, detail } as const;
      // The admins of both organizations shall read of it.
      if (after.organization !== before.organization) this.audit.write(event);
      this.#users.move(name, after);
      this.audit.write(event);
    });
  }

  async bootstrap(users: readonly Credentials[]): Promise<void> {
    for (const { name, key } of users) {
      checkUserName(name);
      this.#keys.check(name, key);
    }
    for (const { name, key } of users) {
      const isNew = this.#whole(() => this.#insert(name, {}));
      const hash = await this.#keys.hashIfOther(name, FIRST_KEY, key);
      if (hash === undefined) continue;
      this.#whole(() => {
        this.#revoke(name, FIRST_KEY);
        this.#keys.put(name, FIRST_KEY, hash);
        if (!isNew) this.#noteKey(name, { name: FIRST_KEY });
      });
    }
  }

  listUsers(organization?: string): readonly UserSummary[] {
    return this.#users.list(organization);
  }

  findUser(name: string): UserSummary | undefined {
    return this.#users.find(name);
  }

  hasUser(name: string): boolean {
    return this.findUser(name) !== undefined;
  }

  removeUser(name: string, by: Actor = OPERATOR): boolean {
    return this.#whole(() => {
      if (!this.hasUser(name)) return false;
      this.audit.write({ by, action: "user_removed", user: name });
      return this.#users.remove(name);
    });
  }

  addKey(user: string, key: NewKey, by?: Actor): string {
    this.#existing(user);
    return this.#whole(() => {
      const made = this.#keys.add(user, key);
      this.#noteKey(user, key, by);
      return made;
    });
  }

  listKeys(user: string): readonly KeySummary[] {
    this.#existing(user);
    return this.#keys.list(user);
  }

  findKey(user: string, name: string): VerifiedKey | undefined {
    return this.#keys.find(user, name);
  }

  revokeKey(user: string, name: string, by?: Actor): boolean {
    return this.#whole(() => this.#revoke(user, name, by));
  }

  lookUp(name: string, key: string): KeyLookup {
    return this.#keys.lookUp(name, key);
  }

  get hashCount(): number {
    return this.#keys.hashCount;
  }

  [Symbol.dispose](): void {
    if (this.#database.isOpen) this.#database.close();
  }

  #whole<Result>(write: () => Result): Result {
    return inTransaction(this.#database, write);
  }

  /** Says whether the user is new. */
  #insert(
    name: string,
    { by = OPERATOR, ...place }: MembershipOptions,
  ): boolean {
    if (!this.#users.add(name, place)) return false;
    const detail = textOf(this.#existing(name));
    this.audit.write({ by, action: "user_added", user: name, detail });
    return true;
  }

  #revoke(user: string, object: string, by: Actor = OPERATOR): boolean {
    if (!this.#keys.revoke(user, object)) return false;
    this.audit.write({ by, action: "key_revoked", user, object });
    return true;
  }

  #noteKey(
    user: string,
    { name: object, scope: detail = "all" }: NewKey,
    by: Actor = OPERATOR,
  ): void {
    this.audit.write({ by, action: "key_created", user, object, detail });
  }

  #existing(name: string): UserSummary {
    const user = this.findUser(name);
    if (user !== undefined) return user;
    throw new AccountError(
      "noSuchUser",
      `Cannot find user "${name}": add it with "sallyport user add ${name}"`,
    );
  }
}

/** A role and a team are of one organization, and are not taken along to another. */
function placeAfter(
  before: Membership,
  change: Partial<Membership>,
): Membership {
  const { organization = before.organization } = change;
  const stays = organization === before.organization;
  return stays
    ? { ...before, ...change }
    : { team: undefined, role: "member", ...change, organization };
}

/** `member of default/web`. */
function textOf({ role, organization, team }: Membership): string {
  return `${role} of ${organization}${team === undefined ? "" : `/${team}`}`;
}

function nameTaken(name: string): AccountError {
  return new AccountError(
    "nameTaken",
    `Cannot add user "${name}": the name is taken, remove that user first or choose another name`,
  );
}
