/**
 * How often a network may give wrong credentials before it must wait. The
 * logins of the server and the status API of the client count here.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { networkOf } from "../../net/address/network_of.ts";

/** Failures of one network with one user name before it must wait. */
const MAX_FAILURES = 10;
/** How many times as many there may be of one network with any names: a test farm behind one address may have several bad configurations. */
const NAMES_OF_NETWORK = 10;
/** For how long failures count, in milliseconds. */
export const FAILURE_WINDOW = 60_000;
/** Networks and logins that are counted, about 200 bytes each; the oldest are forgotten first. */
const MAX_COUNTERS = 10_000;

/** Who gives credentials. */
export interface LoginAttempt {
  /** An IPv4 address, or the /64 of an IPv6 address. */
  readonly network: string;
  /** The network with the user name, in a form of bounded length. */
  readonly login: string;
}

/**
 * Who gives credentials for this user name.
 *
 * @param address The IP address of the connection; no field of a request says it. Empty when it is not known.
 */
export function loginAttempt(username: string, address: string): LoginAttempt {
  const network = networkOf(address);
  const text = JSON.stringify([network, username]);
  const login = createHash("sha256").update(text).digest("base64");
  return { network, login };
}

/** What the limits may be told. */
export interface FailureLimitOptions {
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  /** Failures of one network with one user name in a minute, ten by default; with any names there may be ten times as many. */
  readonly maxFailures?: number | undefined;
}

interface Counter {
  failures: number;
  readonly until: number;
}

/** Counts failures. */
export class FailureLimits {
  readonly #now: () => number;
  readonly #maxOfLogin: number;
  readonly #maxOfNetwork: number;
  readonly #counters = new Map<string, Counter>();

  constructor(
    { now = Date.now, maxFailures = MAX_FAILURES }: FailureLimitOptions = {},
  ) {
    this.#now = now;
    this.#maxOfLogin = maxFailures;
    this.#maxOfNetwork = NAMES_OF_NETWORK * maxFailures;
  }

  /**
   * Whether one more may fail.
   *
   * @param pending How many are being compared at the moment, and may fail too.
   */
  mayFail(
    { network, login }: LoginAttempt,
    pending: { readonly ofNetwork: number; readonly ofLogin: number } =
      NONE_PENDING,
  ): boolean {
    return this.#failuresOf(network) + pending.ofNetwork <
        this.#maxOfNetwork &&
      this.#failuresOf(login) + pending.ofLogin < this.#maxOfLogin;
  }

  /** Counts a failure; says whether the network must wait from now on. */
  fail({ network, login }: LoginAttempt): boolean {
    const ofLogin = this.#count(login);
    const ofNetwork = this.#count(network);
    return ofLogin === this.#maxOfLogin || ofNetwork === this.#maxOfNetwork;
  }

  /** Forgets the failures with this user name; those with other names still count for the network. */
  succeed({ login }: LoginAttempt): void {
    this.#counters.delete(login);
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

  #count(who: string): number {
    const counter = this.#counterOf(who);
    if (counter) return counter.failures += 1;
    const until = this.#now() + FAILURE_WINDOW;
    this.#counters.set(who, { failures: 1, until });
    const [oldest] = this.#counters.keys();
    const isFull = this.#counters.size > MAX_COUNTERS;
    if (isFull && oldest !== undefined) this.#counters.delete(oldest);
    return 1;
  }
}

const NONE_PENDING = { ofNetwork: 0, ofLogin: 0 } as const;
