/**
 * Checks logins and slows down guessing: whoever fails too often must wait.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { Headcount } from "../async/headcount.ts";
import type { Accounts, VerifiedKey } from "./accounts.ts";
import { networkOf } from "./request_limits.ts";

/** How a login went; `throttled`: too many failures lately, the key was not looked at. */
export type Login =
  | { readonly outcome: "accepted"; readonly key: VerifiedKey }
  | { readonly outcome: "refused" }
  | { readonly outcome: "throttled" };

/** Failures of one address with one user name before it must wait; of IPv6, addresses that one user may have are one. */
const MAX_FAILURES = 10;
/** How many times as many there may be of one address with any names: a test farm behind one address may have several bad configurations. */
const NAMES_OF_ADDRESS = 10;
/** For how long failures count, in milliseconds. */
export const FAILURE_WINDOW = 60_000;
/** Logins that wait for their hash at the same time, all together. */
const MAX_UNDER_WAY = 1024;
/** Logins of one address that wait until others of it have ended; a test farm behind one address may begin with as many. */
const MAX_WAITING = 1024;
/** Addresses and users that are counted; the oldest are forgotten first. */
const MAX_COUNTERS = 10_000;

/** Whose failures count: the network that asks, and that with the user's name. */
type Askers = readonly [network: string, ofUser: string];

interface Counter {
  failures: number;
  readonly until: number;
}

/** What the guard may be told. */
export interface LoginGuardOptions {
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  /** Failures of one address with one user name before it must wait; with any names it may be ten times as many. Ten unless given. */
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
  readonly #underWay = new Headcount();
  readonly #waiting = new Headcount();
  #verifying = 0;
  /** Resolves when the next login has ended. */
  #nextEnd = Promise.withResolvers<void>();

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
    const askers = askersOf(username, address);
    while (this.#mayFail(askers, 0) && !this.#mayFail(askers)) {
      if (this.#waiting.of(askers[0]) >= MAX_WAITING) break;
      using _waiting = this.#waiting.enter(askers[0]);
      await this.#nextEnd.promise;
    }
    if (!this.#mayFail(askers) || this.#verifying >= MAX_UNDER_WAY) {
      return { outcome: "throttled" };
    }
    const key = await this.#verify({ username, password }, askers);
    if (key !== undefined) return { outcome: "accepted", key };
    const [network, ofUser] = askers;
    const isTooMany = this.#failuresOf(ofUser) === this.#maxFailures ||
      this.#failuresOf(network) === this.#maxOfNetwork;
    if (isTooMany) this.#onThrottle(username, address);
    return { outcome: "refused" };
  }

  /** Whether another login may fail, should all that are under way fail too. */
  #mayFail(
    [network, ofUser]: Askers,
    underWay = 1,
  ): boolean {
    const mostOf = (who: string) =>
      this.#failuresOf(who) + underWay * this.#underWay.of(who);
    return mostOf(network) < this.#maxOfNetwork &&
      mostOf(ofUser) < this.#maxFailures;
  }

  get #maxOfNetwork(): number {
    return NAMES_OF_ADDRESS * this.#maxFailures;
  }

  async #verify(
    { username, password }: {
      readonly username: string;
      readonly password: string;
    },
    [network, ofUser]: Askers,
  ): Promise<VerifiedKey | undefined> {
    using _underWay = this.#underWay.enter(network, ofUser);
    this.#verifying += 1;
    try {
      const key = await this.#accounts.verify(username, password);
      if (key !== undefined) this.#counters.delete(ofUser);
      else [network, ofUser].forEach((who) => this.#countFailure(who));
      return key;
    } finally {
      this.#verifying -= 1;
      this.#nextEnd.resolve();
      this.#nextEnd = Promise.withResolvers<void>();
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

  #countFailure(who: string): void {
    const counter = this.#counterOf(who);
    if (counter) {
      counter.failures += 1;
      return;
    }
    this.#counters.set(who, {
      failures: 1,
      until: this.#now() + FAILURE_WINDOW,
    });
    const [oldest] = this.#counters.keys();
    const isFull = this.#counters.size > MAX_COUNTERS;
    if (isFull && oldest !== undefined) this.#counters.delete(oldest);
  }
}

/** A name may have thousands of characters, and is kept for as long as it counts. */
function askersOf(username: string, address: string): Askers {
  const network = networkOf(address);
  const text = JSON.stringify([network, username]);
  return [network, createHash("sha256").update(text).digest("base64")];
}
