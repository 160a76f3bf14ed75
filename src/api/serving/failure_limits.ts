/**
 * Limits on wrong credentials: a network with too many failures must wait. The
 * server's logins and the client's status API use it.
 */
import { createHash } from "node:crypto";
import { networkOf } from "../../net/address/network_of.ts";

/** Failures of one network with one user name before it must wait. */
const MAX_FAILURES = 10;
/** Factor for one network with any user names: a test farm behind one address may have several bad configurations. */
const NETWORK_FACTOR = 10;
/** For how long failures count, in milliseconds. */
export const FAILURE_WINDOW = 60_000;
/** Most counted networks and logins, about 200 bytes each; the oldest are forgotten first. */
const MAX_COUNTERS = 10_000;

/** The source of a login. */
export interface LoginAttempt {
  /** An IPv4 address, or the /64 of an IPv6 address. */
  readonly network: string;
  /** The network and user name, as text of bounded length. */
  readonly login: string;
}

/**
 * The source of a login with this user name.
 *
 * @param address The IP address of the connection, never one from a field; empty if unknown.
 */
export function loginAttempt(username: string, address: string): LoginAttempt {
  const network = networkOf(address);
  const text = JSON.stringify([network, username]);
  const login = createHash("sha256").update(text).digest("base64");
  return { network, login };
}

/** Options of the limits. */
export interface FailureLimitOptions {
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  /** Most failures a minute of one network with one user name, 10 by default. With any names it is ten times as many. */
  readonly maxFailures?: number | undefined;
  /** Most counted networks and logins, 10,000 by default. */
  readonly maxCounters?: number;
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
  readonly #maxCounters: number;
  readonly #counters = new Map<string, Counter>();

  constructor(
    {
      now = Date.now,
      maxFailures = MAX_FAILURES,
      maxCounters = MAX_COUNTERS,
    }: FailureLimitOptions = {},
  ) {
    this.#now = now;
    this.#maxCounters = maxCounters;
    this.#maxOfLogin = maxFailures;
    this.#maxOfNetwork = NETWORK_FACTOR * maxFailures;
  }

  /**
   * Whether another attempt may fail.
   *
   * @param pending Attempts whose comparison is running and may fail too.
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

  /** Counts a failure, and returns whether the network must wait from now on. */
  fail({ network, login }: LoginAttempt): boolean {
    const ofLogin = this.#count(login);
    const ofNetwork = this.#count(network);
    return ofLogin === this.#maxOfLogin || ofNetwork === this.#maxOfNetwork;
  }

  /** Forgets the failures with this user name. They still count for the network. */
  succeed({ login }: LoginAttempt): void {
    this.#counters.delete(login);
  }

  #failuresOf(key: string): number {
    return this.#counterOf(key)?.failures ?? 0;
  }

  #counterOf(key: string): Counter | undefined {
    const counter = this.#counters.get(key);
    if (counter && counter.until > this.#now()) return counter;
    this.#counters.delete(key);
    return undefined;
  }

  #count(key: string): number {
    const counter = this.#counterOf(key);
    if (counter) return counter.failures += 1;
    const until = this.#now() + FAILURE_WINDOW;
    this.#counters.set(key, { failures: 1, until });
    const [oldest] = this.#counters.keys();
    const isFull = this.#counters.size > this.#maxCounters;
    if (isFull && oldest !== undefined) this.#counters.delete(oldest);
    return 1;
  }
}

const NONE_PENDING = { ofNetwork: 0, ofLogin: 0 } as const;
