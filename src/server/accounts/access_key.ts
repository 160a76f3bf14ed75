/**
 * Access keys: generating, hashing and checking them.
 *
 * Keys that the program generates have 122 random bits, so nobody guesses them.
 * They are stored as SHA-256, which is cheap to compare. Keys that people choose
 * in `SALLYPORT_USERS` are stored as a slow hash (scrypt, RFC 7914). Every stored
 * hash includes its cost, so the cost can be raised without touching old hashes.
 */
import { Buffer } from "node:buffer";
import {
  createHash,
  randomBytes,
  randomUUID,
  scrypt,
  timingSafeEqual,
} from "node:crypto";

/** The cost parameters of a hash (RFC 7914 §2). It takes `128 × cost × blockSize` bytes of memory. */
export interface HashCost {
  /** N, a power of two. */
  readonly cost: number;
  /** r. */
  readonly blockSize: number;
  /** p. */
  readonly parallelization: number;
}

/** About 0.1 s and 32 MiB: expensive for guessing, acceptable once per client. */
export const HASH_COST: HashCost = {
  cost: 2 ** 15,
  blockSize: 8,
  parallelization: 1,
};

const SALT_BYTES = 16;
const HASH_BYTES = 32;
/** More than `HASH_COST` needs, so that stored costs may be raised eightfold. */
const MAX_MEMORY = 512 * 1024 * 1024;
const DIGEST = "sha256$";
const STORED = /^scrypt\$(\d+)\$(\d+)\$(\d+)\$([\w-]+)\$([\w-]+)$/;

/** Generates an access key: a random UUID, like those of Sauce Connect. */
export function generateAccessKey(): string {
  return randomUUID();
}

/** The fast hash of a generated key, as `sha256$hash`. */
export function digestAccessKey(key: string): string {
  const hash = createHash("sha256").update(key.normalize("NFC")).digest();
  return DIGEST + hash.toString("base64url");
}

/** Whether `stored` is a fast hash. */
export function isDigest(stored: string): boolean {
  return stored.startsWith(DIGEST);
}

/** Whether `stored` is the fast hash of `key`. */
export function matchesDigest(key: string, stored: string): boolean {
  const expected = Buffer.from(stored);
  const found = Buffer.from(digestAccessKey(key));
  return expected.length === found.length && timingSafeEqual(expected, found);
}

/** A slow hash of no key. */
export function decoyHash(cost: HashCost): string {
  return format(randomBytes(SALT_BYTES), randomBytes(HASH_BYTES), cost);
}

/** The slow hash of `key` with a new salt, as `scrypt$N$r$p$salt$hash`. */
export async function hashAccessKey(
  key: string,
  cost: HashCost = HASH_COST,
): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  return format(salt, await derive(key, salt, cost), cost);
}

/**
 * Whether `stored` is the slow hash of `key`.
 *
 * @throws {SyntaxError} When `stored` is not a slow hash of this program.
 */
export async function matchesAccessKey(
  key: string,
  stored: string,
): Promise<boolean> {
  const parts = STORED.exec(stored);
  if (!parts) {
    throw new SyntaxError("Cannot check an access key: its hash is damaged");
  }
  const [, cost, blockSize, parallelization, salt = "", hash = ""] = parts;
  const derived = await derive(key, Buffer.from(salt, "base64url"), {
    cost: Number(cost),
    blockSize: Number(blockSize),
    parallelization: Number(parallelization),
  });
  const expected = Buffer.from(hash, "base64url");
  return expected.length === derived.length &&
    timingSafeEqual(expected, derived);
}

function format(salt: Buffer, hash: Buffer, cost: HashCost): string {
  return [
    "scrypt",
    cost.cost,
    cost.blockSize,
    cost.parallelization,
    salt.toString("base64url"),
    hash.toString("base64url"),
  ].join("$");
}

function derive(
  key: string,
  salt: Uint8Array,
  cost: HashCost,
): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  scrypt(
    key.normalize("NFC"),
    salt,
    HASH_BYTES,
    { ...cost, maxmem: MAX_MEMORY },
    (error, hash) => error ? reject(error) : resolve(hash),
  );
  return promise;
}
