/**
 * Who may use the server: users and their access keys, in the database. Several
 * processes may work with it at the same time, so `sallyport user add` takes
 * effect in a running server at once.
 *
 * @module
 */
import type { DatabaseSync } from "node:sqlite";
import {
  HASH_COST,
  hashAccessKey,
  type HashCost,
  matchesAccessKey,
  mintAccessKey,
} from "./access_key.ts";
import { openDatabase } from "./database.ts";
import { Turnstile } from "./turnstile.ts";
import { VerificationMemo } from "./verification_memo.ts";

/** Characters that stand for themselves in URLs, in `user:key` and in `user+tunnel`. */
const USER_NAME = /^[A-Za-z0-9._@-]{1,64}$/;
/** Names that mean something else as a segment of the REST API's paths. */
const RESERVED: readonly string[] = [".", "..", "public"];
/** Longest access key in characters; longer ones are not even hashed. */
const MAX_KEY_LENGTH = 256;
/** Hashes at the same time: each takes a core and 32 MiB, and the data path wants the rest. */
const HASH_LANES = 2;

/** Why an account could not be made. */
export type AccountErrorCode = "nameInvalid" | "nameTaken" | "keyInvalid";

/** An account could not be made; the message says why and what to do. */
export class AccountError extends Error {
  override readonly name = "AccountError";
  readonly code: AccountErrorCode;

  constructor(code: AccountErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

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
  /** Whether this user exists and has this key; takes the same time for users who do not exist. */
  verify(name: string, key: string): Promise<boolean>;
}

/** What accounts may be told. */
export interface AccountsOptions {
  /** How slow new hashes are. */
  readonly cost?: HashCost;
}

/**
 * Opens the accounts.
 *
 * @param databasePath A file, or `:memory:`.
 * @throws {DatabaseError} When the file cannot be used.
 */
export function openAccounts(
  databasePath: string,
  { cost = HASH_COST }: AccountsOptions = {},
): Accounts {
  return new StoredAccounts(openDatabase(databasePath), cost);
}

class StoredAccounts implements Accounts {
  readonly #database: DatabaseSync;
  readonly #cost: HashCost;
  readonly #memo = new VerificationMemo();
  readonly #hashing = new Turnstile(HASH_LANES);
  /** What unknown users are compared with, so that they take as long as others. */
  #decoy: Promise<string> | undefined;

  constructor(database: DatabaseSync, cost: HashCost) {
    this.#database = database;
    this.#cost = cost;
  }

  async addUser(name: string): Promise<string> {
    checkName(name);
    if (this.#hashOf(name) !== undefined) throw nameTaken(name);
    const key = mintAccessKey();
    const hash = await this.#hash(key);
    const { changes } = this.#database.prepare(
      `INSERT INTO users (name, key_hash, created_at) VALUES (?, ?, ?)
       ON CONFLICT (name) DO NOTHING`,
    ).run(name, hash, Date.now());
    if (changes === 0) throw nameTaken(name);
    return key;
  }

  async bootstrap(users: readonly Credentials[]): Promise<void> {
    for (const { name, key } of users) {
      checkName(name);
      checkKey(name, key);
    }
    for (const { name, key } of users) await this.#ensureUser(name, key);
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
    return this.#hashOf(name) !== undefined;
  }

  removeUser(name: string): boolean {
    return this.#database.prepare("DELETE FROM users WHERE name = ?")
      .run(name).changes > 0;
  }

  async verify(name: string, key: string): Promise<boolean> {
    if (key.length > MAX_KEY_LENGTH) return false;
    const stored = this.#hashOf(name);
    if (stored !== undefined) return await this.#matches(key, stored);
    this.#decoy ??= this.#hash(mintAccessKey());
    await this.#matches(key, await this.#decoy);
    return false;
  }

  [Symbol.dispose](): void {
    if (this.#database.isOpen) this.#database.close();
  }

  /** Leaves a user alone whose key is already this one: a new hash would be a write at every start. */
  async #ensureUser(name: string, key: string): Promise<void> {
    const stored = this.#hashOf(name);
    if (stored !== undefined && await this.#matches(key, stored)) return;
    const hash = await this.#hash(key);
    this.#database.prepare(
      `INSERT INTO users (name, key_hash, created_at) VALUES (?, ?, ?)
       ON CONFLICT (name) DO UPDATE SET key_hash = excluded.key_hash`,
    ).run(name, hash, Date.now());
  }

  #hash(key: string): Promise<string> {
    return this.#hashing.run(() => hashAccessKey(key, this.#cost));
  }

  #matches(key: string, stored: string): Promise<boolean> {
    return this.#memo.check(
      key,
      stored,
      () => this.#hashing.run(() => matchesAccessKey(key, stored)),
    );
  }

  #hashOf(name: string): string | undefined {
    const row = this.#database.prepare(
      "SELECT key_hash FROM users WHERE name = ?",
    ).get(name);
    return row === undefined ? undefined : String(row.key_hash);
  }
}

function checkName(name: string): void {
  if (USER_NAME.test(name) && !RESERVED.includes(name)) return;
  const why = RESERVED.includes(name)
    ? "the name is reserved, choose another"
    : "a name has 1 to 64 letters, digits or . _ - @";
  throw new AccountError("nameInvalid", `Cannot add user "${name}": ${why}`);
}

function checkKey(name: string, key: string): void {
  if (key.length > 0 && key.length <= MAX_KEY_LENGTH) return;
  throw new AccountError(
    "keyInvalid",
    `Cannot add user "${name}": a key has 1 to ${MAX_KEY_LENGTH} characters`,
  );
}

function nameTaken(name: string): AccountError {
  return new AccountError(
    "nameTaken",
    `Cannot add user "${name}": the name is taken, remove that user first or choose another name`,
  );
}
