/**
 * Remembers successful slow verifications for a short time: a browser opens
 * dozens of proxy connections with the same credentials.
 *
 * It stores no secrets. An entry is a keyed hash (HMAC-SHA-256) of everything that
 * the verification depends on, including the user's name and the stored hash. So
 * after a user is removed or a key changed, no old entry matches. The same
 * password of two users is verified twice.
 */
import { createHmac, randomBytes } from "node:crypto";
import { abortable } from "../../../async/abortable.ts";

/** How long a success is remembered after its last use, in milliseconds. */
const TIME_TO_LIVE = 5 * 60_000;
/** Most remembered successes; about 150 bytes each. */
const MAX_ENTRIES = 10_000;

/** Options of the cache. */
export interface VerificationCacheOptions {
  /** Milliseconds. */
  readonly timeToLive?: number;
  readonly maxEntries?: number;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/** A claim to be verified: that the user has this secret. */
export interface Claim {
  readonly user: string;
  readonly secret: string;
  /** The stored hash of the user's secret. */
  readonly stored: string;
}

/** How to verify a claim. */
export interface CheckOptions {
  /** Checks of the same kind share a verification, such as those in the same queue. */
  readonly kind: string;
  /** Whether a remembered success suffices; true by default. */
  readonly useCache?: boolean;
  /** Ends the wait for the result. */
  readonly signal?: AbortSignal | undefined;
  /** Verifies the claim. Its signal is aborted when nobody waits for the result any more. */
  verify(signal: AbortSignal): Promise<boolean>;
}

interface Verification {
  readonly result: Promise<boolean>;
  readonly abort: AbortController;
  waiting: number;
}

/** Skips verifications that succeeded recently. */
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

  /** The number of remembered successes. */
  get size(): number {
    return this.#expiries.size;
  }

  /** Whether the claim was verified recently. */
  has(claim: Claim): boolean {
    return this.#knows(this.#entryOf(claim));
  }

  /**
   * Whether the claim is true. Concurrent checks of the same claim share one
   * verification. Failures are not remembered.
   *
   * @throws The signal's reason when it is aborted.
   */
  async check(
    claim: Claim,
    { kind, useCache = true, signal, verify }: CheckOptions,
  ): Promise<boolean> {
    const entry = this.#entryOf(claim);
    if (useCache && this.#knows(entry)) return true;
    const shared = `${kind} ${entry}`;
    const verification = this.#pending.get(shared) ?? begin(verify);
    this.#pending.set(shared, verification);
    verification.waiting += 1;
    try {
      const isTrue = await abortable(verification.result, signal);
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
  return { result: verify(abort.signal), abort, waiting: 0 };
}
