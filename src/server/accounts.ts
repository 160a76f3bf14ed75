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
import { openDatabase } from "./database.ts";
import { type KeySummary, KeyTable, type NewKey } from "./key_table.ts";

/** Characters that stand for themselves in URLs, in `user:key` and in `user+tunnel`. */
const USER_NAME = /^[A-Za-z0-9._@-]{1,64}$/;
/** Names that mean something else as a segment of the REST API's paths. */
const RESERVED: readonly string[] = [".", "..", "public"];
/** The key that a user is added with. */
const FIRST_KEY = "default";

export { AccountError } from "./account_error.ts";
export type { KeySummary, NewKey } from "./key_table.ts";

/** What may be told about a user. */
export interface UserSummary {
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
}

/** A user as `SALLYPORT_USERS` gives it. */
export interface Credentials {
  /** 1 to 64 letters, digits or `. _ - @`. */
  readonly name: string;
  /** The access key. */
  readonly key: string;
}

/** The users of the server. */
export interface Accounts extends Disposable {
  /**
   * Adds a user and returns the access key, which can never be read again.
   *
   * @throws {AccountError} When the name is taken, or is not 1 to 64 letters,
   * digits or `. _ - @`.
   */
  addUser(name: string): Promise<string>;
  /**
   * Makes sure that these users exist with these keys; others stay.
   *
   * @throws {AccountError} Before anything is changed.
   */
  bootstrap(users: readonly Credentials[]): Promise<void>;
  /** All users by name. */
  listUsers(): readonly UserSummary[];
  /** Whether there is a user of this name. */
  hasUser(name: string): boolean;
  /** Removes a user; says whether there was one. */
  removeUser(name: string): boolean;
  /**
   * Gives a user another access key and returns it; it can never be read again.
   *
   * @throws {AccountError} When there is no such user, the name of the key is
   * taken or no name, or the user has as many keys as allowed.
   */
  addKey(user: string, key: NewKey): Promise<string>;
  /** The keys of a user, by name. @throws {AccountError} When there is no such user. */
  listKeys(user: string): readonly KeySummary[];
  /** Makes a key useless; says whether there was one of that name. */
  revokeKey(user: string, name: string): boolean;
  /** Whether this user exists and has this key, which has not expired; takes the same time for users who do not exist. */
  verify(name: string, key: string): Promise<boolean>;
}

/** What accounts may be told. */
export interface AccountsOptions {
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
  { cost = HASH_COST, now = Date.now }: AccountsOptions = {},
): Accounts {
  return new StoredAccounts(openDatabase(databasePath), { cost, now });
}

class StoredAccounts implements Accounts {
  readonly #database: DatabaseSync;
  readonly #keys: KeyTable;
  readonly #now: () => number;

  constructor(
    database: DatabaseSync,
    options: { readonly cost: HashCost; readonly now: () => number },
  ) {
    this.#database = database;
    this.#keys = new KeyTable(database, options);
    this.#now = options.now;
  }

  async addUser(name: string): Promise<string> {
    checkName(name);
    if (this.hasUser(name)) throw nameTaken(name);
    const made = await this.#keys.make();
    this.#whole(() => {
      if (!this.#insert(name)) throw nameTaken(name);
      this.#keys.add(name, { name: FIRST_KEY }, made);
    });
    return made.key;
  }

  async bootstrap(users: readonly Credentials[]): Promise<void> {
    for (const { name, key } of users) {
      checkName(name);
      this.#keys.check(name, key);
    }
    for (const { name, key } of users) {
      this.#insert(name);
      await this.#keys.ensure(name, FIRST_KEY, key);
    }
  }

  listUsers(): readonly UserSummary[] {
    return this.#database.prepare(
      "SELECT name, created_at FROM users ORDER BY name",
    ).all().map((row) => ({
      name: String(row.name),
      createdAt: Number(row.created_at),
    }));
  }

  hasUser(name: string): boolean {
    return this.#database.prepare("SELECT 1 FROM users WHERE name = ?")
      .get(name) !== undefined;
  }

  removeUser(name: string): boolean {
    return this.#database.prepare("DELETE FROM users WHERE name = ?")
      .run(name).changes > 0;
  }

  async addKey(user: string, key: NewKey): Promise<string> {
    this.#checkUser(user);
    const made = await this.#keys.make();
    this.#whole(() => this.#keys.add(user, key, made));
    return made.key;
  }

  listKeys(user: string): readonly KeySummary[] {
    this.#checkUser(user);
    return this.#keys.list(user);
  }

  revokeKey(user: string, name: string): boolean {
    return this.#keys.revoke(user, name);
  }

  async verify(name: string, key: string): Promise<boolean> {
    return await this.#keys.verify(name, key);
  }

  [Symbol.dispose](): void {
    if (this.#database.isOpen) this.#database.close();
  }

  /** All of it is written, or nothing; nobody else writes meanwhile. */
  #whole(write: () => void): void {
    this.#database.exec("BEGIN IMMEDIATE");
    try {
      write();
      this.#database.exec("COMMIT");
    } catch (cause) {
      this.#database.exec("ROLLBACK");
      throw cause;
    }
  }

  /** Says whether the user is new. */
  #insert(name: string): boolean {
    return this.#database.prepare(
      `INSERT INTO users (name, created_at) VALUES (?, ?)
       ON CONFLICT (name) DO NOTHING`,
    ).run(name, this.#now()).changes > 0;
  }

  #checkUser(name: string): void {
    if (this.hasUser(name)) return;
    throw new AccountError(
      "noSuchUser",
      `Cannot find user "${name}": add it with "sallyport user add ${name}"`,
    );
  }
}

function checkName(name: string): void {
  if (USER_NAME.test(name) && !RESERVED.includes(name)) return;
  const why = RESERVED.includes(name)
    ? "the name is reserved, choose another"
    : "a name has 1 to 64 letters, digits or . _ - @";
  throw new AccountError("nameInvalid", `Cannot add user "${name}": ${why}`);
}

function nameTaken(name: string): AccountError {
  return new AccountError(
    "nameTaken",
    `Cannot add user "${name}": the name is taken, remove that user first or choose another name`,
  );
}
