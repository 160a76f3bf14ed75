/**
 * The access keys of all users. A user may have several, each with a name, and
 * keys may expire.
 *
 * A generated key is found by a hint, the first bytes of its SHA-256. A user has
 * at most one key without a hint: the one that a person chose. So a login is
 * compared with one hash only: that of the generated key with this hint, else that
 * of the chosen key, else a decoy. A wrong key therefore always costs one slow
 * hash, whether or not the user exists, and whatever keys the user has.
 */
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import type { StatementSync } from "node:sqlite";
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
import type { Database } from "../storage/database.ts";
import { StorageError } from "../storage/storage_health.ts";
import { AccountError } from "./account_error.ts";
import { type HashRequest, SlowHashes } from "./slow_hashes.ts";
import { checkPlainName } from "./user_table.ts";
import type { Claim } from "./verification_cache.ts";

const log = logger("server");

/** Longest access key in characters. Longer ones are rejected without hashing. */
const MAX_KEY_LENGTH = 256;
/** Most keys of one user: enough for each machine and person of a team. It bounds the table. */
const MAX_KEYS = 100;
const HINT_BYTES = 8;
/** Length of an id: 128 bits. */
const ID_DIGITS = 32;
/** Precision of the last use in milliseconds, so that not every login is a write. */
const LAST_USE_STEP = 60_000;
/** Hashing at the start, before any login. */
const STARTUP_HASHING: HashRequest = { network: "operator", isPreferred: true };

/** Holds for keys of users who are not disabled. */
const OF_ENABLED = `NOT EXISTS (SELECT 1 FROM users
  WHERE users.name = access_keys.user AND users.disabled IS NOT NULL)`;

/** A key to be created. */
export interface NewKey {
  /** 1 to 64 letters, digits or `. _ -`, unique among the user's. */
  readonly name: string;
  /** When it expires, in milliseconds since 1970; `undefined` for never. */
  readonly expiresAt?: number | undefined;
  /** What it permits; everything by default. */
  readonly scope?: KeyScope | undefined;
}

/** A key that a login proved. */
export interface VerifiedKey {
  /** Identifies this key: a later key of the same name has another id. */
  readonly id: string;
  readonly name: string;
  readonly scope: KeyScope;
}

/** The candidate for the key of a login, before the comparison. */
export interface KeyLookup {
  /** Whether it has the hint of a generated key. Such a key is almost certainly right, and cannot be guessed. */
  readonly isGenerated: boolean;
  /** The key, if it can be verified without a slow hash: it is a generated key, or was verified recently. */
  cached(): VerifiedKey | undefined;
  /**
   * The key, if it is right, and still valid after the comparison.
   *
   * @param request Before all others by default.
   * @throws {SemaphoreFullError} When too many comparisons are waiting.
   * @throws The signal's reason when it is aborted.
   */
  verify(request?: HashRequest): Promise<VerifiedKey | undefined>;
  /** The key, if it was right until it expired. Only generated keys expire. */
  expired(): ExpiredKey | undefined;
}

/** A key that is right, and too old. */
export interface ExpiredKey {
  readonly name: string;
  /** When it expired, in milliseconds since 1970. */
  readonly expiredAt: number;
}

/** A key without its secret. Times are in milliseconds since 1970. */
export interface KeySummary extends VerifiedKey {
  readonly createdAt: number;
  /** `undefined` for never. */
  readonly expiresAt: number | undefined;
  /** To the minute; `undefined` for never. */
  readonly lastUsedAt: number | undefined;
}

/** The table of access keys. */
export class KeyTable {
  readonly #database: Database;
  readonly #now: () => number;
  readonly #hashes: SlowHashes;
  /** Compared with the login when there is no candidate. */
  readonly #decoy: string;
  /** Prepared once, because every login runs it. */
  readonly #candidate: StatementSync;

  constructor(
    database: Database,
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
         AND ${OF_ENABLED}
       ORDER BY hint IS NULL LIMIT 1`,
    );
  }

  /** The number of slow hashes computed so far. */
  get hashCount(): number {
    return this.#hashes.count;
  }

  /** Creates a key for a user, and returns it. @throws {AccountError} `nameInvalid`, `nameTaken`, `tooManyKeys`. */
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

  /** Checks the length of a chosen key. @throws {AccountError} `keyInvalid`. */
  check(user: string, key: string): void {
    if (key.length > 0 && key.length <= MAX_KEY_LENGTH) return;
    throw new AccountError(
      "keyInvalid",
      `Cannot add user "${user}": a key has 1 to ${MAX_KEY_LENGTH} characters`,
    );
  }

  /** The hash of `key`, or `undefined` if it is already the key of this name. A new hash would be a write at every start. */
  async hashUnlessSame(
    user: string,
    name: string,
    key: string,
  ): Promise<string | undefined> {
    const row = this.#database.prepare(
      "SELECT hash FROM access_keys WHERE user = ? AND name = ?",
    ).get(user, name);
    const isSame = row !== undefined &&
      await this.#matches({ user, secret: key, stored: String(row.hash) });
    return isSame ? undefined : await this.#hashes.make(key, STARTUP_HASHING);
  }

  /** Stores a chosen key under an unused name. */
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

  /** The key of this name; `undefined` if it has expired or does not exist, or the user is disabled. */
  find(user: string, name: string): VerifiedKey | undefined {
    const row = this.#database.prepare(
      `SELECT name, scope, hash FROM access_keys WHERE user = ? AND name = ?
         AND (expires_at IS NULL OR expires_at > ?) AND ${OF_ENABLED}`,
    ).get(user, name, this.#now());
    return row && verifiedOf(row);
  }

  /** Removes a key, and returns whether it existed. */
  revoke(user: string, name: string): boolean {
    return this.#database.prepare(
      "DELETE FROM access_keys WHERE user = ? AND name = ?",
    ).run(user, name).changes > 0;
  }

  /** Looks up the user's key that `key` may be. */
  lookUp(user: string, key: string): KeyLookup {
    if (key.length > MAX_KEY_LENGTH) return NO_KEY;
    const row = this.#candidate.get(user, hintOf(key), this.#now());
    const stored = row === undefined ? this.#decoy : String(row.hash);
    const claim = { user, secret: key, stored };
    return {
      isGenerated: row !== undefined && row.hint !== null,
      cached: () => {
        const isRight = isDigest(stored)
          ? matchesDigest(key, stored)
          : this.#hashes.isCached(claim);
        return isRight ? this.#accept(claim) : undefined;
      },
      verify: async (request) =>
        await this.#matches(claim, request) ? this.#accept(claim) : undefined,
      expired: () => this.#findExpired(user, key),
    };
  }

  #findExpired(user: string, key: string): ExpiredKey | undefined {
    const row = this.#database.prepare(
      `SELECT name, hash, expires_at FROM access_keys
       WHERE user = ? AND hint = ? AND expires_at <= ?`,
    ).get(user, hintOf(key), this.#now());
    if (row === undefined || !matchesDigest(key, String(row.hash))) {
      return undefined;
    }
    return { name: String(row.name), expiredAt: Number(row.expires_at) };
  }

  /** The key, if it is still in the table: it may have been revoked while the comparison waited. */
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
      `Cannot add key "${name}": "${user}" has ${MAX_KEYS} keys, revoke one first`,
    );
  }

  #noteUse(user: string, name: string, lastUsed: number): void {
    const now = this.#now();
    if (now - lastUsed < LAST_USE_STEP) return;
    try {
      this.#database.write(() =>
        this.#database.prepare(
          "UPDATE access_keys SET last_used_at = ? WHERE user = ? AND name = ?",
        ).run(now, user, name)
      );
    } catch (error) {
      // A full disk must not fail a login.
      if (error instanceof StorageError) return;
      log.error("failed to store last use of a key", { user, error });
    }
  }

  async #matches(
    claim: Claim,
    request: HashRequest = STARTUP_HASHING,
  ): Promise<boolean> {
    const { secret, stored } = claim;
    return isDigest(stored)
      ? matchesDigest(secret, stored)
      : await this.#hashes.matches(claim, request);
  }
}

const NO_KEY: KeyLookup = {
  isGenerated: false,
  cached: () => undefined,
  verify: () => Promise.resolve(undefined),
  expired: () => undefined,
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

/** A hash of the stored hash. Chosen keys have a salt and generated keys are random, so no two keys share an id. */
function idOf(hash: string): string {
  return createHash("sha256").update(hash).digest("hex").slice(0, ID_DIGITS);
}

/** An unknown scope of a newer program counts as the smallest one. */
function scopeOf(value: unknown): KeyScope {
  return KEY_SCOPES.find((scope) => scope === value) ?? "read";
}

function numberOf(value: unknown): number | undefined {
  return value === null ? undefined : Number(value);
}

function taken(user: string, name: string): AccountError {
  return new AccountError(
    "nameTaken",
    `Cannot add key "${name}": "${user}" has a key of that name, revoke it first or choose another name`,
  );
}
