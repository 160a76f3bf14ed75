/**
 * The access keys of all users: several for each, with names, some of which
 * expire.
 *
 * A key that this program has made is found by a hint, the first bytes of its
 * SHA-256. A user has at most one key without a hint, which a person chose.
 * So a login is compared with one hash: that of the made key with this hint,
 * else that of the chosen key, else a decoy. A wrong key costs one slow hash,
 * whatever keys the user has, and whether there is such a user.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import type { DatabaseSync, StatementSync } from "node:sqlite";
import {
  decoyHash,
  digestAccessKey,
  generateAccessKey,
  type HashCost,
  isDigest,
  matchesDigest,
} from "./access_key.ts";
import {
  KEY_SCOPES,
  type KeyScope,
} from "../../api/resources/account_types.ts";
import { logger } from "../../log/log.ts";
import { AccountError } from "./account_error.ts";
import { type HashRequest, SlowHashes } from "./slow_hashes.ts";
import { checkPlainName } from "./user_table.ts";
import type { Claim } from "./verification_cache.ts";

const log = logger("server");

/** Longest access key in characters; longer ones are not even hashed. */
const MAX_KEY_LENGTH = 256;
/** Keys of one user: one for each machine and person of a team, and a bound for the table. */
const MAX_KEYS = 100;
const HINT_BYTES = 8;
/** Of an id: 128 bits. */
const ID_DIGITS = 32;
/** How exact the last use is, in milliseconds: logins shall not become writes. */
const LAST_USE_STEP = 60_000;
/** Who hashes at the start: the operator, before anybody else can. */
const OPERATOR_PLACE: HashRequest = { network: "operator", isPreferred: true };

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

/** The key that a login may be, before it is compared. */
export interface KeyLookup {
  /** Whether it has the hint of a key that the program made: such a key is right, and cannot be guessed. */
  readonly isMade: boolean;
  /** The key if it is known without slow work: because it was made, or because it was right lately. */
  recall(): VerifiedKey | undefined;
  /**
   * The key if it is right, still there after the comparison and not expired.
   *
   * @param place Before all others by default.
   * @throws {SemaphoreFullError} When too many comparisons wait.
   * @throws The signal's reason when it is aborted.
   */
  verify(place?: HashRequest): Promise<VerifiedKey | undefined>;
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
  readonly #now: () => number;
  readonly #hashes: SlowHashes;
  /** What is compared where there is no key. */
  readonly #decoy: string;
  /** Kept, because every login asks. */
  readonly #candidate: StatementSync;

  constructor(
    database: DatabaseSync,
    { cost, now }: { readonly cost: HashCost; readonly now: () => number },
  ) {
    this.#database = database;
    this.#now = now;
    this.#hashes = new SlowHashes(cost);
    this.#decoy = decoyHash(cost);
    this.#candidate = database.prepare(
      `SELECT name, scope, hash, hint, last_used_at FROM access_keys
       WHERE user = ? AND (hint IS NULL OR hint = ?)
         AND (expires_at IS NULL OR expires_at > ?)
       ORDER BY hint IS NULL LIMIT 1`,
    );
  }

  /** How many slow hashes were computed. */
  get hashCount(): number {
    return this.#hashes.count;
  }

  /** Makes a key for a user. @throws {AccountError} `nameInvalid`, `nameTaken`, `tooManyKeys`. */
  add(user: string, wanted: NewKey): string {
    const { name, expiresAt = null, scope = "all" } = wanted;
    this.#checkName(user, name);
    const key = generateAccessKey();
    this.#database.prepare(
      `INSERT INTO access_keys
         (user, name, hash, hint, created_at, expires_at, scope)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
    ).run(
      ...[user, name, digestAccessKey(key), hintOf(key)],
      ...[this.#now(), expiresAt, scope],
    );
    return key;
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
      await this.#matches({ user, secret: key, stored: String(row.hash) });
    return isThere ? undefined : await this.#hashes.make(key, OPERATOR_PLACE);
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

  /** Looks up which key of the user this may be. */
  lookUp(user: string, key: string): KeyLookup {
    if (key.length > MAX_KEY_LENGTH) return NO_KEY;
    const row = this.#candidate.get(user, hintOf(key), this.#now());
    const stored = row === undefined ? this.#decoy : String(row.hash);
    const claim = { user, secret: key, stored };
    return {
      isMade: row !== undefined && row.hint !== null,
      recall: () => {
        const isRight = isDigest(stored)
          ? matchesDigest(key, stored)
          : this.#hashes.recalls(claim);
        return isRight ? this.#accept(claim) : undefined;
      },
      verify: async (place) =>
        await this.#matches(claim, place) ? this.#accept(claim) : undefined,
    };
  }

  /** The key, if it is in the table now: a comparison may have waited, and the key been revoked meanwhile. */
  #accept({ user, secret, stored }: Claim): VerifiedKey | undefined {
    const row = this.#candidate.get(user, hintOf(secret), this.#now());
    if (row?.hash !== stored) return undefined;
    this.#noteUse(user, String(row.name), numberOf(row.last_used_at) ?? 0);
    return verifiedOf(row);
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

  async #matches(
    claim: Claim,
    place: HashRequest = OPERATOR_PLACE,
  ): Promise<boolean> {
    const { secret, stored } = claim;
    return isDigest(stored)
      ? matchesDigest(secret, stored)
      : await this.#hashes.matches(claim, place);
  }
}

const NO_KEY: KeyLookup = {
  isMade: false,
  recall: () => undefined,
  verify: () => Promise.resolve(undefined),
};

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
