/**
 * The slow hashes of chosen access keys. Each needs a core for 0.1 s and 32 MiB.
 * So only a few are computed at a time, networks take turns, and a check of the
 * same credentials is not repeated.
 */
import { FairSemaphore } from "../../../async/fair_semaphore.ts";
import {
  hashAccessKey,
  type HashCost,
  matchesAccessKey,
} from "../access_key.ts";
import { type Claim, VerificationCache } from "./verification_cache.ts";

/** Concurrent hashes; the data path needs the other cores. */
const PERMITS = 2;
/** Hashes reserved for networks with an earlier successful login: they do not wait for unknown ones. */
const RESERVED = 1;
/** Most waiting comparisons. Unknown networks get one permit, so the last one waits for 26 s. */
const MAX_WAITING = 256;

/** On whose behalf a hash is computed. */
export interface HashRequest {
  /** Networks take turns. */
  readonly network: string;
  /** Whether it precedes unknown networks and may use the cache. */
  readonly isPreferred: boolean;
  /** Aborted when the peer has left; this drops the work. */
  readonly signal?: AbortSignal | undefined;
}

/** Computes and compares hashes. */
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

  /** The number computed so far. */
  get count(): number {
    return this.#count;
  }

  /** Hashes a key. @throws {SemaphoreFullError} When too many are waiting. */
  make(key: string, request: HashRequest): Promise<string> {
    return this.#run(() => hashAccessKey(key, this.#cost), request);
  }

  /** Whether the claim was verified recently. */
  isCached(claim: Claim): boolean {
    return this.#cache.has(claim);
  }

  /**
   * Whether the claim is right.
   *
   * @throws {SemaphoreFullError} When too many are waiting.
   * @throws The signal's reason when it is aborted.
   */
  matches(claim: Claim, request: HashRequest): Promise<boolean> {
    const { secret, stored } = claim;
    return this.#cache.check(claim, {
      kind: request.isPreferred ? "preferred" : "other",
      useCache: request.isPreferred,
      signal: request.signal,
      verify: (signal) =>
        this.#run(() => matchesAccessKey(secret, stored), {
          ...request,
          signal,
        }),
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
