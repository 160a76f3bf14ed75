/**
 * Users and their access keys, in the database. Several processes may use it at
 * the same time, so `sallyport user add` affects a running server at once.
 */
import { HASH_COST, type HashCost } from "./access_key.ts";
import { AccountError } from "./account_error.ts";
import { type Actor, AuditLog, OPERATOR } from "./audit_log.ts";
import {
  type Database,
  type DatabaseOptions,
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
import { ExternalUsers, membershipText } from "./people/external_users.ts";
import { FIRST_KEY, Invitations } from "./people/invitations.ts";
import {
  checkUserName,
  type Membership,
  type UserSummary,
  UserTable,
} from "./user_table.ts";

export { AccountError } from "./account_error.ts";
export type { KeySummary, NewKey, VerifiedKey } from "./key_table.ts";
export type { OrganizationSummary } from "./organization_table.ts";
export type { ExternalUser } from "./people/external_users.ts";
export type { InvitationSummary } from "./people/invitation_table.ts";
export type { CreatedInvitation } from "./people/invitations.ts";
export type { Identity, Membership, UserSummary } from "./user_table.ts";

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
 * Opens the accounts.
 *
 * @param databasePath A file, or `:memory:`.
 * @throws {DatabaseError} When the file cannot be used.
 */
export function openAccounts(
  databasePath: string,
  { cost = HASH_COST, now = Date.now, ...options }: AccountsOptions = {},
): Accounts {
  return new Accounts(openDatabase(databasePath, options), { cost, now });
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
  readonly #database: Database;
  readonly #users: UserTable;
  readonly #keys: KeyTable;

  constructor(
    database: Database,
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
    const { audit } = this;
    const parts = { database, users: this.#users, keys: this.#keys, audit };
    this.external = new ExternalUsers(parts);
    this.invitations = new Invitations({ ...parts, now });
    database.health.probeWith(() => this.#probe());
  }

  /**
   * Adds a user and returns the access key, which cannot be read again. The
   * first user of an organization is its admin by default.
   *
   * @throws {AccountError} When the name is taken, or is not 1 to 64 letters,
   * digits or `. _ - @`, or there is no such organization.
   */
  addUser(
    name: string,
    { by = OPERATOR, ...membership }: MembershipOptions = {},
  ): string {
    checkUserName(name);
    if (this.hasUser(name)) throw nameTaken(name);
    return this.#transaction(() => {
      if (!this.#insert(name, { by, ...membership })) throw nameTaken(name);
      return this.#keys.add(name, { name: FIRST_KEY });
    });
  }

  /**
   * Changes a user's role, team or organization. Missing values stay as they are.
   * In another organization the user is by default a member without a team.
   *
   * @throws {AccountError} When there is no such user or organization, the
   * organization's people would have no admin, or an identity provider says it.
   */
  setMembership(
    name: string,
    { by = OPERATOR, ...change }: MembershipOptions,
  ): void {
    this.#transaction(() => {
      const before = this.#requireUser(name);
      if (before.identity !== undefined) throw isExternal(name);
      const after = membershipAfter(before, change);
      const detail = `${membershipText(before)} → ${membershipText(after)}`;
      const event = { by, action: "user_changed", user: name, detail } as const;
      // Admins of both organizations see the entry.
      if (after.organization !== before.organization) this.audit.write(event);
      this.#users.setMembership(name, after);
      this.audit.write(event);
    });
  }

  /**
   * Disables a user, whose keys, tunnels and page sessions then end, or enables
   * the user again. Says whether that changed anything.
   *
   * @throws {AccountError} When there is no such user, or the organization's people would have no admin.
   */
  setDisabled(
    name: string,
    isDisabled: boolean,
    by: Actor = OPERATOR,
  ): boolean {
    return this.#transaction(() => {
      const { disabled } = this.#requireUser(name);
      const wanted = isDisabled ? "admin" : undefined;
      if (disabled === wanted) return false;
      this.#users.setDisabled(name, wanted);
      const action = isDisabled ? "user_disabled" : "user_enabled";
      this.audit.write({ by, action, user: name });
      return true;
    });
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
      const isNew = this.#transaction(() => this.#insert(name, {}));
      const hash = await this.#keys.hashUnlessSame(name, FIRST_KEY, key);
      if (hash === undefined) continue;
      this.#transaction(() => {
        this.#revoke(name, FIRST_KEY);
        this.#keys.put(name, FIRST_KEY, hash);
        if (!isNew) this.#auditKey(name, { name: FIRST_KEY });
      });
    }
  }

  /** The users of an organization, or of all, by name. */
  listUsers(organization?: string): readonly UserSummary[] {
    return this.#users.list(organization);
  }

  findUser(name: string): UserSummary | undefined {
    return this.#users.find(name);
  }

  /** Whether there is a user of this name. */
  hasUser(name: string): boolean {
    return this.findUser(name) !== undefined;
  }

  /** Removes a user, and returns whether it existed. @throws {AccountError} When the organization's people would have no admin. */
  removeUser(name: string, by: Actor = OPERATOR): boolean {
    return this.#transaction(() => {
      if (!this.hasUser(name)) return false;
      this.audit.write({ by, action: "user_removed", user: name });
      return this.#users.remove(name);
    });
  }

  /**
   * Creates another access key for a user and returns it. It cannot be read again.
   *
   * @throws {AccountError} When there is no such user, the name of the key is
   * taken or invalid, or the user has the maximum of keys.
   */
  addKey(user: string, key: NewKey, by?: Actor): string {
    this.#requireUser(user);
    return this.#transaction(() => {
      const created = this.#keys.add(user, key);
      this.#auditKey(user, key, by);
      return created;
    });
  }

  /**
   * Replaces a key by a new one of the same name and scope, and returns it. By
   * default it lives as long as the old one did.
   *
   * @returns `undefined` when there is no such key.
   * @throws {AccountError} When there is no such user.
   */
  rotateKey(
    user: string,
    name: string,
    { expiresAt }: Pick<NewKey, "expiresAt"> = {},
    by?: Actor,
  ): string | undefined {
    this.#requireUser(user);
    return this.#transaction(() => {
      const old = this.#keys.list(user).find((key) => key.name === name);
      if (old === undefined) return undefined;
      const lifetime = old.expiresAt && old.expiresAt - old.createdAt;
      const key = {
        name,
        scope: old.scope,
        expiresAt: expiresAt ?? (lifetime && Date.now() + lifetime),
      };
      this.#revoke(user, name, by);
      const created = this.#keys.add(user, key);
      this.#auditKey(user, key, by);
      return created;
    });
  }

  /** The keys of a user, by name. @throws {AccountError} When there is no such user. */
  listKeys(user: string): readonly KeySummary[] {
    this.#requireUser(user);
    return this.#keys.list(user);
  }

  /** The key of this name; `undefined` if it has expired or does not exist. */
  findKey(user: string, name: string): VerifiedKey | undefined {
    return this.#keys.find(user, name);
  }

  /** Revokes a key, and returns whether it existed. */
  revokeKey(user: string, name: string, by?: Actor): boolean {
    return this.#transaction(() => this.#revoke(user, name, by));
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
    if (this.#database.isOpen) this.#database.close();
  }

  #transaction<Result>(write: () => Result): Result {
    return this.#database.transaction(write);
  }

  /** Writes what is there already. */
  #probe(): void {
    if (!this.#database.isOpen) return;
    const { user_version: version } =
      this.#database.prepare("PRAGMA user_version").get() ?? {};
    this.#database.write(() =>
      this.#database.exec(`PRAGMA user_version = ${Number(version)}`)
    );
  }

  /** Returns whether the user is new. */
  #insert(
    name: string,
    { by = OPERATOR, ...membership }: MembershipOptions,
  ): boolean {
    if (!this.#users.add(name, membership)) return false;
    const detail = membershipText(this.#requireUser(name));
    this.audit.write({ by, action: "user_added", user: name, detail });
    return true;
  }

  #revoke(user: string, object: string, by: Actor = OPERATOR): boolean {
    if (!this.#keys.revoke(user, object)) return false;
    this.audit.write({ by, action: "key_revoked", user, object });
    return true;
  }

  #auditKey(
    user: string,
    { name: object, scope: detail = "all" }: NewKey,
    by: Actor = OPERATOR,
  ): void {
    this.audit.write({ by, action: "key_created", user, object, detail });
  }

  #requireUser(name: string): UserSummary {
    const user = this.findUser(name);
    if (user !== undefined) return user;
    throw new AccountError(
      "noSuchUser",
      `Cannot find user "${name}": add it with "sallyport user add ${name}"`,
    );
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
