/**
 * The slow hashes of access keys that people choose: each takes a core for
 * 0.1 s and 32 MiB, so they are made a few at a time, by turns for the networks
 * that ask, and not twice for the same credentials.
 *
 * @module
 */
import { FairSemaphore } from "../../async/fair_semaphore.ts";
import {
  hashAccessKey,
  type HashCost,
  matchesAccessKey,
} from "./access_key.ts";
import { type Claim, VerificationCache } from "./verification_cache.ts";

/** Hashes at the same time: the data path wants the rest of the cores. */
const PERMITS = 2;
/** How many of them strangers do not get: a network whose key was right before waits for no stranger. */
const RESERVED = 1;
/** Comparisons that wait; strangers get one permit, so the last one waits for 26 s. */
const MAX_WAITING = 256;

/** Who asks for a hash. */
export interface HashRequest {
  /** Networks take turns. */
  readonly network: string;
  /** Whether it goes before strangers, and may be answered from memory. */
  readonly isPreferred: boolean;
  /** Takes the work out of the line when the peer has left. */
  readonly signal?: AbortSignal | undefined;
}

/** Makes and compares hashes. */
export class SlowHashes {
  readonly #cost: HashCost;
  readonly #cache = new VerificationCache();
  readonly #semaphore = new FairSemaphore({
    permits: PERMITS,
    reserved: RESERVED,
    maxWaiting: MAX_WAITING,
  });
  #count = 0;

  constructor(cost: HashCost) {
    this.#cost = cost;
  }

  /** How many were computed. */
  get count(): number {
    return this.#count;
  }

  /** Hashes a key. @throws {SemaphoreFullError} When too many wait. */
  make(key: string, place: HashRequest): Promise<string> {
    return this.#run(() => hashAccessKey(key, this.#cost), place);
  }

  /** Whether the claim was right lately. */
  recalls(claim: Claim): boolean {
    return this.#cache.has(claim);
  }

  /**
   * Whether the claim is right.
   *
   * @throws {SemaphoreFullError} When too many wait.
   * @throws The signal's reason when it is aborted.
   */
  matches(claim: Claim, place: HashRequest): Promise<boolean> {
    const { secret, stored } = claim;
    return this.#cache.check(claim, {
      kind: place.isPreferred ? "preferred" : "other",
      mayRecall: place.isPreferred,
      signal: place.signal,
      verify: (signal) =>
        this.#run(() => matchesAccessKey(secret, stored), { ...place, signal }),
    });
  }

  #run<Result>(
    task: () => Promise<Result>,
    { network, isPreferred, signal }: HashRequest,
  ): Promise<Result> {
    return this.#semaphore.run(() => {
      this.#count += 1;
      return task();
    }, { key: network, isPreferred, signal });
  }
}
