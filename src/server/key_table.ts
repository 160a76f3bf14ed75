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
import { logger } from "../log/log.ts";
import { AccountError } from "./account_error.ts";
import { Turnstile } from "./turnstile.ts";
import { VerificationMemo } from "./verification_memo.ts";

const log = logger("server");

/** Longest access key in characters; longer ones are not even hashed. */
const MAX_KEY_LENGTH = 256;
/** Keys of one user: one for each machine and person of a team, and a bound for the table. */
const MAX_KEYS = 100;
/** Hashes at the same time: each takes a core and 32 MiB, and the data path wants the rest. */
const HASH_LANES = 2;
const HINT_BYTES = 8;
/** How exact the last use is, in milliseconds: logins shall not become writes. */
const LAST_USE_STEP = 60_000;
const KEY_NAME = /^[A-Za-z0-9._-]{1,64}$/;

/** A key that is to be made. */
export interface NewKey {
  /** 1 to 64 letters, digits or `. _ -`, unique among the user's. */
  readonly name: string;
  /** When it expires, in milliseconds since 1970; never if `undefined`. */
  readonly expiresAt?: number | undefined;
}

/** A key, to be told once, and its hash, to be kept. */
export interface MadeKey {
  readonly key: string;
  readonly hash: string;
}

/** What may be told about a key. Times are in milliseconds since 1970. */
export interface KeySummary {
  readonly name: string;
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
  add(user: string, { name, expiresAt }: NewKey, { key, hash }: MadeKey): void {
    this.#checkName(user, name);
    this.#database.prepare(
      "INSERT INTO access_keys VALUES (?, ?, ?, ?, ?, ?, NULL)",
    ).run(user, name, hash, hintOf(key), this.#now(), expiresAt ?? null);
  }

  /** Whether `key` could be one. @throws {AccountError} `keyInvalid`. */
  check(user: string, key: string): void {
    if (key.length > 0 && key.length <= MAX_KEY_LENGTH) return;
    throw new AccountError(
      "keyInvalid",
      `Cannot add user "${user}": a key has 1 to ${MAX_KEY_LENGTH} characters`,
    );
  }

  /** Makes sure that the key of this name is `key`; leaves one alone that is: a new hash would be a write at every start. */
  async ensure(user: string, name: string, key: string): Promise<void> {
    const row = this.#database.prepare(
      "SELECT hash FROM access_keys WHERE user = ? AND name = ?",
    ).get(user, name);
    const isThere = row !== undefined &&
      await this.#matches(key, String(row.hash));
    if (isThere) return;
    const hash = await this.#hash(key);
    this.#database.prepare(
      `INSERT INTO access_keys VALUES (?, ?, ?, NULL, ?, NULL, NULL)
       ON CONFLICT (user, name) DO UPDATE
       SET hash = excluded.hash, hint = NULL, expires_at = NULL`,
    ).run(user, name, hash, this.#now());
  }

  /** The keys of a user, by name. */
  list(user: string): readonly KeySummary[] {
    return this.#database.prepare(
      `SELECT name, created_at, expires_at, last_used_at FROM access_keys
       WHERE user = ? ORDER BY name`,
    ).all(user).map((row) => ({
      name: String(row.name),
      createdAt: Number(row.created_at),
      expiresAt: numberOf(row.expires_at),
      lastUsedAt: numberOf(row.last_used_at),
    }));
  }

  /** Removes a key; says whether there was one. */
  revoke(user: string, name: string): boolean {
    return this.#database.prepare(
      "DELETE FROM access_keys WHERE user = ? AND name = ?",
    ).run(user, name).changes > 0;
  }

  /** Whether the user has this key; takes as long where there is none. */
  async verify(user: string, key: string): Promise<boolean> {
    if (key.length > MAX_KEY_LENGTH) return false;
    // One with this hint at most, and the one that was chosen by people.
    const rows = this.#database.prepare(
      `SELECT name, hash, last_used_at FROM access_keys
       WHERE user = ? AND (hint IS NULL OR hint = ?)
         AND (expires_at IS NULL OR expires_at > ?)`,
    ).all(user, hintOf(key), this.#now());
    for (const { name, hash, last_used_at: lastUsed } of rows) {
      if (!await this.#matches(key, String(hash))) continue;
      this.#noteUse(user, String(name), numberOf(lastUsed) ?? 0);
      return true;
    }
    if (rows.length === 0) {
      this.#decoy ??= this.#hash(mintAccessKey());
      await this.#matches(key, await this.#decoy);
    }
    return false;
  }

  #checkName(user: string, name: string): void {
    if (!KEY_NAME.test(name)) {
      throw new AccountError(
        "nameInvalid",
        `Cannot add key "${name}": a name has 1 to 64 letters, digits or . _ -`,
      );
    }
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

function numberOf(value: unknown): number | undefined {
  return value === null ? undefined : Number(value);
}

function taken(user: string, name: string): AccountError {
  return new AccountError(
    "nameTaken",
    `Cannot add key "${name}": "${user}" has one of that name, revoke it first or choose another`,
  );
}
