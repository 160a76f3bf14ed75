/**
 * The access keys of all users: several for each, with names, some of which
 * expire.
 *
 * A key that this program has made comes with a hint, a short fast hash, which
 * tells which of the slow hashes to compare it with; 122 random bits cannot be
 * guessed from it. Keys that people have chosen have none: theirs are compared
 * slowly, always.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import {
  hashAccessKey,
  type HashCost,
  matchesAccessKey,
  mintAccessKey,
} from "./access_key.ts";
import { KEY_SCOPES, type KeyScope } from "../api/account_words.ts";
import { logger } from "../log/log.ts";
import { AccountError } from "./account_error.ts";
import { Turnstile } from "./turnstile.ts";
import { checkPlainName } from "./user_table.ts";
import { VerificationMemo } from "./verification_memo.ts";

const log = logger("server");

/** Longest access key in characters; longer ones are not even hashed. */
const MAX_KEY_LENGTH = 256;
/** Keys of one user: one for each machine and person of a team, and a bound for the table. */
const MAX_KEYS = 100;
/** Hashes at the same time: each takes a core and 32 MiB, and the data path wants the rest. */
const HASH_LANES = 2;
const HINT_BYTES = 8;
/** Of an id: 128 bits. */
const ID_DIGITS = 32;
/** How exact the last use is, in milliseconds: logins shall not become writes. */
const LAST_USE_STEP = 60_000;

/** A key that is to be made. */
export interface NewKey {
  /** 1 to 64 letters, digits or `. _ -`, unique among the user's. */
  readonly name: string;
  /** When it expires, in milliseconds since 1970; never if `undefined`. */
  readonly expiresAt?: number | undefined;
  /** What it opens; everything unless given. */
  readonly scope?: KeyScope | undefined;
}

/** A key that somebody has proved to have. */
export interface VerifiedKey {
  /** Names this very key: one that is made later under the same name has another. */
  readonly id: string;
  readonly name: string;
  readonly scope: KeyScope;
}

/** A key, to be told once, and its hash, to be kept. */
export interface MadeKey {
  readonly key: string;
  readonly hash: string;
}

/** What may be told about a key. Times are in milliseconds since 1970. */
export interface KeySummary extends VerifiedKey {
  readonly createdAt: number;
  /** `undefined` if it never does. */
  readonly expiresAt: number | undefined;
  /** To the minute; `undefined` if it never was. */
  readonly lastUsedAt: number | undefined;
}

/** The table of access keys. */
export class KeyTable {
  readonly #database: DatabaseSync;
  readonly #cost: HashCost;
  readonly #now: () => number;
  readonly #memo = new VerificationMemo();
  readonly #hashing = new Turnstile(HASH_LANES);
  /** What is compared where there is no key, so that it takes as long. */
  #decoy: Promise<string> | undefined;

  constructor(
    database: DatabaseSync,
    { cost, now }: { readonly cost: HashCost; readonly now: () => number },
  ) {
    this.#database = database;
    this.#cost = cost;
    this.#now = now;
  }

  /** Makes a key, which is nobody's yet. */
  async make(): Promise<MadeKey> {
    const key = mintAccessKey();
    return { key, hash: await this.#hash(key) };
  }

  /** Gives a user a key. @throws {AccountError} `nameInvalid`, `nameTaken`, `tooManyKeys`. */
  add(user: string, wanted: NewKey, { key, hash }: MadeKey): void {
    const { name, expiresAt = null, scope = "all" } = wanted;
    this.#checkName(user, name);
    this.#database.prepare(
      `INSERT INTO access_keys
         (user, name, hash, hint, created_at, expires_at, scope)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
    ).run(user, name, hash, hintOf(key), this.#now(), expiresAt, scope);
  }

  /** Whether `key` could be one. @throws {AccountError} `keyInvalid`. */
  check(user: string, key: string): void {
    if (key.length > 0 && key.length <= MAX_KEY_LENGTH) return;
    throw new AccountError(
      "keyInvalid",
      `Cannot add user "${user}": a key has 1 to ${MAX_KEY_LENGTH} characters`,
    );
  }

  /** The hash of `key`, unless it is the key of this name: a new hash would be a write at every start. */
  async hashIfOther(
    user: string,
    name: string,
    key: string,
  ): Promise<string | undefined> {
    const row = this.#database.prepare(
      "SELECT hash FROM access_keys WHERE user = ? AND name = ?",
    ).get(user, name);
    const isThere = row !== undefined &&
      await this.#matches(key, String(row.hash));
    return isThere ? undefined : await this.#hash(key);
  }

  /** Gives a user a key that somebody has chosen, under a name that is free. */
  put(user: string, name: string, hash: string): void {
    this.#database.prepare(
      `INSERT INTO access_keys (user, name, hash, created_at)
       VALUES (?, ?, ?, ?)`,
    ).run(user, name, hash, this.#now());
  }

  /** The keys of a user, by name. */
  list(user: string): readonly KeySummary[] {
    return this.#database.prepare(
      `SELECT name, scope, hash, created_at, expires_at, last_used_at
       FROM access_keys WHERE user = ? ORDER BY name`,
    ).all(user).map((row) => ({
      ...verifiedOf(row),
      createdAt: Number(row.created_at),
      expiresAt: numberOf(row.expires_at),
      lastUsedAt: numberOf(row.last_used_at),
    }));
  }

  /** The key of this name, unless it has expired. */
  find(user: string, name: string): VerifiedKey | undefined {
    const row = this.#database.prepare(
      `SELECT name, scope, hash FROM access_keys WHERE user = ? AND name = ?
         AND (expires_at IS NULL OR expires_at > ?)`,
    ).get(user, name, this.#now());
    return row && verifiedOf(row);
  }

  /** Removes a key; says whether there was one. */
  revoke(user: string, name: string): boolean {
    return this.#database.prepare(
      "DELETE FROM access_keys WHERE user = ? AND name = ?",
    ).run(user, name).changes > 0;
  }

  /** Which of the user's keys this is, if any; takes as long where there is none. */
  async verify(user: string, key: string): Promise<VerifiedKey | undefined> {
    if (key.length > MAX_KEY_LENGTH) return undefined;
    // One with this hint at most, and the one that was chosen by people.
    const rows = this.#database.prepare(
      `SELECT name, scope, hash, last_used_at FROM access_keys
       WHERE user = ? AND (hint IS NULL OR hint = ?)
         AND (expires_at IS NULL OR expires_at > ?)`,
    ).all(user, hintOf(key), this.#now());
    for (const row of rows) {
      if (!await this.#matches(key, String(row.hash))) continue;
      this.#noteUse(user, String(row.name), numberOf(row.last_used_at) ?? 0);
      return verifiedOf(row);
    }
    if (rows.length === 0) {
      this.#decoy ??= this.#hash(mintAccessKey());
      await this.#matches(key, await this.#decoy);
    }
    return undefined;
  }

  #checkName(user: string, name: string): void {
    checkPlainName("key", name);
    const keys = this.list(user);
    if (keys.some((each) => each.name === name)) throw taken(user, name);
    if (keys.length < MAX_KEYS) return;
    throw new AccountError(
      "tooManyKeys",
      `Cannot add key "${name}": "${user}" has ${MAX_KEYS}, revoke one first`,
    );
  }

  #noteUse(user: string, name: string, lastUsed: number): void {
    const now = this.#now();
    if (now - lastUsed < LAST_USE_STEP) return;
    try {
      this.#database.prepare(
        "UPDATE access_keys SET last_used_at = ? WHERE user = ? AND name = ?",
      ).run(now, user, name);
    } catch (error) {
      // A full disk is no reason to refuse a login.
      log.error("last use of a key cannot be written down", { user, error });
    }
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
}

function hintOf(key: string): Uint8Array {
  const digest = createHash("sha256").update(key.normalize("NFC")).digest();
  return Buffer.from(digest.subarray(0, HINT_BYTES));
}

function verifiedOf(row: Readonly<Record<string, unknown>>): VerifiedKey {
  return {
    id: idOf(String(row.hash)),
    name: String(row.name),
    scope: scopeOf(row.scope),
  };
}

/** Every hash has a salt of its own, so that no two keys ever have the same one. */
function idOf(hash: string): string {
  return createHash("sha256").update(hash).digest("hex").slice(0, ID_DIGITS);
}

/** Of a newer program's scope the least is believed. */
function scopeOf(value: unknown): KeyScope {
  return KEY_SCOPES.find((scope) => scope === value) ?? "read";
}

function numberOf(value: unknown): number | undefined {
  return value === null ? undefined : Number(value);
}

function taken(user: string, name: string): AccountError {
  return new AccountError(
    "nameTaken",
    `Cannot add key "${name}": "${user}" has one of that name, revoke it first or choose another`,
  );
}
