/**
 * Remembers which slow verifications succeeded, for a short while: a browser
 * opens dozens of proxy connections with the same credentials.
 *
 * It keeps no secrets: an entry is a keyed hash (HMAC-SHA-256) of everything
 * that went into the verification, the stored hash included. So a removed user
 * or a changed key never matches an old entry, and nothing needs to be
 * invalidated.
 *
 * @module
 */
import { createHmac, randomBytes } from "node:crypto";

/** How long a success is remembered after its last use, in milliseconds. */
const TIME_TO_LIVE = 5 * 60_000;
/** Most successes remembered; about 150 bytes each. */
const MAX_ENTRIES = 10_000;

/** What the memo may be told. */
export interface VerificationMemoOptions {
  /** Milliseconds. */
  readonly timeToLive?: number;
  readonly maxEntries?: number;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/** Answers a verification from memory when it succeeded lately. */
export class VerificationMemo {
  readonly #key = randomBytes(32);
  readonly #timeToLive: number;
  readonly #maxEntries: number;
  readonly #now: () => number;
  /** When each success expires, least recently used first. */
  readonly #expiries = new Map<string, number>();
  readonly #underWay = new Map<string, Promise<boolean>>();

  constructor(
    {
      timeToLive = TIME_TO_LIVE,
      maxEntries = MAX_ENTRIES,
      now = Date.now,
    }: VerificationMemoOptions = {},
  ) {
    this.#timeToLive = timeToLive;
    this.#maxEntries = maxEntries;
    this.#now = now;
  }

  /** How many successes are remembered. */
  get size(): number {
    return this.#expiries.size;
  }

  /**
   * Whether `secret` matches `stored`, by `verify` unless it is known. Calls
   * with the same arguments at the same time share one verification; failures
   * are not remembered.
   */
  async check(
    secret: string,
    stored: string,
    verify: () => Promise<boolean>,
  ): Promise<boolean> {
    const entry = this.#entryOf(secret, stored);
    if (this.#knows(entry)) return true;
    const shared = this.#underWay.get(entry);
    if (shared) return await shared;
    const own = verify();
    this.#underWay.set(entry, own);
    try {
      const matches = await own;
      if (matches) this.#remember(entry);
      return matches;
    } finally {
      this.#underWay.delete(entry);
    }
  }

  #knows(entry: string): boolean {
    const expiry = this.#expiries.get(entry);
    if (expiry === undefined) return false;
    this.#expiries.delete(entry);
    if (expiry <= this.#now()) return false;
    this.#remember(entry);
    return true;
  }

  #remember(entry: string): void {
    this.#expiries.set(entry, this.#now() + this.#timeToLive);
    if (this.#expiries.size <= this.#maxEntries) return;
    const [oldest] = this.#expiries.keys();
    if (oldest !== undefined) this.#expiries.delete(oldest);
  }

  #entryOf(secret: string, stored: string): string {
    return createHmac("sha256", this.#key)
      .update(JSON.stringify([secret, stored])).digest("base64");
  }
}
