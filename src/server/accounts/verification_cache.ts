/**
 * Remembers which slow verifications succeeded, for a short while: a browser
 * opens dozens of proxy connections with the same credentials.
 *
 * It keeps no secrets: an entry is a keyed hash (HMAC-SHA-256) of everything
 * that went into the verification, the user's name and the stored hash
 * included. So a removed user or a changed key never matches an old entry, and
 * the same password of two users is verified twice, whoever they are.
 *
 * @module
 */
import { createHmac, randomBytes } from "node:crypto";
import { abortable } from "../../async/abortable.ts";

/** How long a success is remembered after its last use, in milliseconds. */
const TIME_TO_LIVE = 5 * 60_000;
/** Most successes remembered; about 150 bytes each. */
const MAX_ENTRIES = 10_000;

/** What the cache may be told. */
export interface VerificationCacheOptions {
  /** Milliseconds. */
  readonly timeToLive?: number;
  readonly maxEntries?: number;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/** What is verified. */
export interface Claim {
  readonly user: string;
  readonly secret: string;
  /** The hash that the secret is compared with. */
  readonly stored: string;
}

/** How a claim is verified. */
export interface CheckOptions {
  /** Only checks of the same kind share a verification, such as those that wait in the same line. */
  readonly kind: string;
  /** Whether a success that is remembered will do; true by default. */
  readonly mayRecall?: boolean;
  /** Ends the wait for the answer. */
  readonly signal?: AbortSignal | undefined;
  /** Does the work; its signal is aborted when nobody waits for the answer any more. */
  verify(signal: AbortSignal): Promise<boolean>;
}

interface Verification {
  readonly answer: Promise<boolean>;
  readonly abort: AbortController;
  waiting: number;
}

/** Answers a verification from memory when it succeeded lately. */
export class VerificationCache {
  readonly #key = randomBytes(32);
  readonly #timeToLive: number;
  readonly #maxEntries: number;
  readonly #now: () => number;
  /** When each success expires, least recently used first. */
  readonly #expiries = new Map<string, number>();
  readonly #pending = new Map<string, Verification>();

  constructor(
    {
      timeToLive = TIME_TO_LIVE,
      maxEntries = MAX_ENTRIES,
      now = Date.now,
    }: VerificationCacheOptions = {},
  ) {
    this.#timeToLive = timeToLive;
    this.#maxEntries = maxEntries;
    this.#now = now;
  }

  /** How many successes are remembered. */
  get size(): number {
    return this.#expiries.size;
  }

  /** Whether the claim was verified lately. */
  has(claim: Claim): boolean {
    return this.#knows(this.#entryOf(claim));
  }

  /**
   * Whether the claim is true. Checks of the same claim at the same time share
   * one verification; failures are not remembered.
   *
   * @throws The signal's reason when it is aborted.
   */
  async check(
    claim: Claim,
    { kind, mayRecall = true, signal, verify }: CheckOptions,
  ): Promise<boolean> {
    const entry = this.#entryOf(claim);
    if (mayRecall && this.#knows(entry)) return true;
    const shared = `${kind} ${entry}`;
    const verification = this.#pending.get(shared) ?? begin(verify);
    this.#pending.set(shared, verification);
    verification.waiting += 1;
    try {
      const isTrue = await abortable(verification.answer, signal);
      if (isTrue) this.#remember(entry);
      return isTrue;
    } finally {
      verification.waiting -= 1;
      if (verification.waiting === 0) {
        this.#pending.delete(shared);
        verification.abort.abort();
      }
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
    this.#expiries.delete(entry);
    this.#expiries.set(entry, this.#now() + this.#timeToLive);
    if (this.#expiries.size <= this.#maxEntries) return;
    const [oldest] = this.#expiries.keys();
    if (oldest !== undefined) this.#expiries.delete(oldest);
  }

  #entryOf({ user, secret, stored }: Claim): string {
    return createHmac("sha256", this.#key)
      .update(JSON.stringify([user, secret, stored])).digest("base64");
  }
}

function begin(verify: CheckOptions["verify"]): Verification {
  const abort = new AbortController();
  return { answer: verify(abort.signal), abort, waiting: 0 };
}
