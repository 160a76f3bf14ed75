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
import {
  decoyHash,
  digestAccessKey,
  generateAccessKey,
  type HashCost,
  isDigest,
  matchesDigest,
} from "./access_key.ts";
import type { KeyScope } from "../../api/resources/account_types.ts";
import { logger } from "../../log/log.ts";
import { change, rowsOf, type Sql, type Work } from "../../store/sql.ts";
import { StorageError } from "../../store/storage_health.ts";
import { AccountError } from "./account_error.ts";
import type { StoredKey } from "./account_rows.ts";
import type { AccountDirectory } from "./account_directory.ts";
import { type HashRequest, SlowHashes } from "./hashes/slow_hashes.ts";
import { checkPlainName } from "./user_table.ts";
import type { Claim } from "./hashes/verification_cache.ts";

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

/** What the table of keys needs. */
export interface KeyTableOptions {
  readonly sql: Sql;
  readonly directory: AccountDirectory;
  /** The cost of new hashes. */
  readonly cost: HashCost;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** The table of access keys. */
export class KeyTable {
  readonly #sql: Sql;
  readonly #directory: AccountDirectory;
  readonly #now: () => number;
  readonly #hashes: SlowHashes;
  /** Compared with the login when there is no candidate. */
  readonly #decoy: string;

  constructor({ sql, directory, cost, now }: KeyTableOptions) {
    this.#sql = sql;
    this.#directory = directory;
    this.#now = now;
    this.#hashes = new SlowHashes(cost);
    this.#decoy = decoyHash(cost);
  }

  /** The number of slow hashes computed so far. */
  get hashCount(): number {
    return this.#hashes.count;
  }

  /** Creates a key for a user, and returns it. @throws {AccountError} `nameInvalid`, `nameTaken`, `tooManyKeys`. */
  *add(user: string, wanted: NewKey): Work<string> {
    const { name, expiresAt = null, scope = "all" } = wanted;
    yield* this.#checkName(user, name);
    const key = generateAccessKey();
    const hint = Buffer.from(hintOf(key), "hex");
    yield* change(
      `INSERT INTO access_keys
         ("user", name, hash, hint, created_at, expires_at, scope)
       VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)`,
      ...[user, name, digestAccessKey(key), hint],
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
    const found = this.#named(user, name);
    const isSame = found !== undefined &&
      await this.#matches({ user, secret: key, stored: found.hash });
    return isSame ? undefined : await this.#hashes.make(key, STARTUP_HASHING);
  }

  /** Stores a chosen key under an unused name. */
  *put(user: string, name: string, hash: string): Work<void> {
    yield* change(
      `INSERT INTO access_keys ("user", name, hash, created_at)
       VALUES (?1, ?2, ?3, ?4)`,
      ...[user, name, hash, this.#now()],
    );
  }

  /** The keys of a user, by name. */
  list(user: string): readonly KeySummary[] {
    return this.#directory.keys(user).map(summaryOf);
  }

  /** The key of this name; `undefined` if it has expired or does not exist, or the user is disabled. */
  find(user: string, name: string): VerifiedKey | undefined {
    const key = this.#named(user, name);
    if (key === undefined || !this.#isValid(key)) return undefined;
    return this.#isDisabled(user) ? undefined : verifiedOf(key);
  }

  /** Removes a key, and returns whether it existed. */
  *revoke(user: string, name: string): Work<boolean> {
    const removed = yield* change(
      'DELETE FROM access_keys WHERE "user" = ?1 AND name = ?2',
      ...[user, name],
    );
    return removed > 0;
  }

  /** Looks up the user's key that `key` may be. */
  lookUp(user: string, key: string): KeyLookup {
    if (key.length > MAX_KEY_LENGTH) return NO_KEY;
    const found = this.#candidate(user, key);
    const stored = found?.hash ?? this.#decoy;
    const claim = { user, secret: key, stored };
    return {
      isGenerated: found?.hint !== undefined,
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

  /** The generated key with the hint, else the chosen one. */
  #candidate(user: string, key: string): StoredKey | undefined {
    if (this.#isDisabled(user)) return undefined;
    const hint = hintOf(key);
    let chosen: StoredKey | undefined;
    for (const each of this.#directory.keys(user)) {
      if (!this.#isValid(each)) continue;
      if (each.hint === hint) return each;
      if (each.hint === undefined) chosen = each;
    }
    return chosen;
  }

  #findExpired(user: string, key: string): ExpiredKey | undefined {
    const hint = hintOf(key);
    const now = this.#now();
    for (
      const { name, hash, hint: other, expiresAt } of this.#directory.keys(user)
    ) {
      if (other !== hint || expiresAt === undefined || expiresAt > now) {
        continue;
      }
      if (matchesDigest(key, hash)) return { name, expiredAt: expiresAt };
    }
    return undefined;
  }

  /** The key, if it is still in the table: it may have been revoked while the comparison waited. */
  #accept({ user, secret, stored }: Claim): VerifiedKey | undefined {
    const found = this.#candidate(user, secret);
    if (found?.hash !== stored) return undefined;
    this.#noteUse(user, found);
    return verifiedOf(found);
  }

  #named(user: string, name: string): StoredKey | undefined {
    return this.#directory.keys(user).find((each) => each.name === name);
  }

  #isValid({ expiresAt = Infinity }: StoredKey): boolean {
    return expiresAt > this.#now();
  }

  #isDisabled(user: string): boolean {
    return this.#directory.user(user)?.disabled !== undefined;
  }

  *#checkName(user: string, name: string): Work<void> {
    checkPlainName("key", name);
    const keys = yield* rowsOf(
      'SELECT name FROM access_keys WHERE "user" = ?1',
      user,
    );
    if (keys.some((each) => each.name === name)) throw taken(user, name);
    if (keys.length < MAX_KEYS) return;
    throw new AccountError(
      "tooManyKeys",
      `Cannot add key "${name}": "${user}" has ${MAX_KEYS} keys, revoke one first`,
    );
  }

  /** It does not wait for it. */
  #noteUse(user: string, { name, lastUsedAt = 0 }: StoredKey): void {
    const now = this.#now();
    if (now - lastUsedAt < LAST_USE_STEP) return;
    this.#sql.transaction(() =>
      change(
        `UPDATE access_keys SET last_used_at = ?1
         WHERE "user" = ?2 AND name = ?3`,
        ...[now, user, name],
      )
    ).catch((error) => {
      // A full disk must not fail a login.
      if (error instanceof StorageError) return;
      log.error("failed to store last use of a key", { user, error });
    });
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

/** The first bytes of the key's SHA-256, as hexadecimal digits. */
function hintOf(key: string): string {
  const digest = createHash("sha256").update(key.normalize("NFC")).digest();
  return digest.subarray(0, HINT_BYTES).toString("hex");
}

function verifiedOf({ hash, name, scope }: StoredKey): VerifiedKey {
  return { id: idOf(hash), name, scope };
}

function summaryOf(key: StoredKey): KeySummary {
  const { createdAt, expiresAt, lastUsedAt } = key;
  return { ...verifiedOf(key), createdAt, expiresAt, lastUsedAt };
}

/** A hash of the stored hash. Chosen keys have a salt and generated keys are random, so no two keys share an id. */
function idOf(hash: string): string {
  return createHash("sha256").update(hash).digest("hex").slice(0, ID_DIGITS);
}

function taken(user: string, name: string): AccountError {
  return new AccountError(
    "nameTaken",
    `Cannot add key "${name}": "${user}" has a key of that name, revoke it first or choose another name`,
  );
}
