/**
 * Checks logins and slows down guessing: whoever fails too often must wait.
 *
 * @module
 */
import type { Accounts, VerifiedKey } from "./accounts.ts";

/** How a login went; `throttled`: too many failures lately, the key was not looked at. */
export type Login =
  | { readonly outcome: "accepted"; readonly key: VerifiedKey }
  | { readonly outcome: "refused" }
  | { readonly outcome: "throttled" };

/** Failures of one address with one user name before it must wait. */
const MAX_FAILURES = 10;
/** How many times as many there may be of one address with any names: a test farm behind one address may have several bad configurations. */
const NAMES_OF_ADDRESS = 10;
/** For how long failures count, in milliseconds. */
export const FAILURE_WINDOW = 60_000;
/** Logins that wait for their hash at the same time, all together. */
const MAX_UNDER_WAY = 1024;
/** Addresses and users that are counted; the oldest are forgotten first. */
const MAX_COUNTERS = 10_000;

interface Counter {
  failures: number;
  readonly until: number;
}

/** What the guard may be told. */
export interface LoginGuardOptions {
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  /** Failures of one address with one user name before it must wait, and a tenth of those with any names. */
  readonly maxFailures?: number | undefined;
  /** Called when somebody has failed so often that they must wait from now on. */
  readonly onThrottle?: (username: string, address: string) => void;
}

/** The way to every login of the server: API, page and proxy share one. */
export class LoginGuard {
  readonly #accounts: Pick<Accounts, "verify">;
  readonly #now: () => number;
  readonly #maxFailures: number;
  readonly #onThrottle: (username: string, address: string) => void;
  readonly #counters = new Map<string, Counter>();
  #underWay = 0;

  constructor(
    accounts: Pick<Accounts, "verify">,
    { now = Date.now, maxFailures = MAX_FAILURES, onThrottle = () => {} }:
      LoginGuardOptions = {},
  ) {
    this.#accounts = accounts;
    this.#now = now;
    this.#maxFailures = maxFailures;
    this.#onThrottle = onThrottle;
  }

  /**
   * Whether `username` has this access key.
   *
   * @param address The IP address that asks; empty when it is not known.
   */
  async check(
    { username, password }: {
      readonly username: string;
      readonly password: string;
    },
    address: string,
  ): Promise<Login> {
    const ofUser = JSON.stringify([address, username]);
    if (
      this.#failuresOf(address) >= this.#maxOfAddress ||
      this.#failuresOf(ofUser) >= this.#maxFailures ||
      this.#underWay >= MAX_UNDER_WAY
    ) return { outcome: "throttled" };
    const key = await this.#verify(username, password);
    if (key !== undefined) {
      this.#counters.delete(ofUser);
      return { outcome: "accepted", key };
    }
    const ofAddress = this.#countFailure(address);
    const isTooMany = this.#countFailure(ofUser) === this.#maxFailures ||
      ofAddress === this.#maxOfAddress;
    if (isTooMany) this.#onThrottle(username, address);
    return { outcome: "refused" };
  }

  get #maxOfAddress(): number {
    return NAMES_OF_ADDRESS * this.#maxFailures;
  }

  async #verify(
    username: string,
    password: string,
  ): Promise<VerifiedKey | undefined> {
    this.#underWay += 1;
    try {
      return await this.#accounts.verify(username, password);
    } finally {
      this.#underWay -= 1;
    }
  }

  #failuresOf(who: string): number {
    return this.#counterOf(who)?.failures ?? 0;
  }

  #counterOf(who: string): Counter | undefined {
    const counter = this.#counters.get(who);
    if (counter && counter.until > this.#now()) return counter;
    this.#counters.delete(who);
    return undefined;
  }

  /** Says how many there are now. */
  #countFailure(who: string): number {
    const counter = this.#counterOf(who);
    if (counter) return counter.failures += 1;
    this.#counters.set(who, {
      failures: 1,
      until: this.#now() + FAILURE_WINDOW,
    });
    const [oldest] = this.#counters.keys();
    const isFull = this.#counters.size > MAX_COUNTERS;
    if (isFull && oldest !== undefined) this.#counters.delete(oldest);
    return 1;
  }
}
