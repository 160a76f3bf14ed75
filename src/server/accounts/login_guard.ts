/**
 * Checks logins and slows down guessing: a network that fails too often must
 * wait. A key that the program made cannot be guessed, so the right one is
 * never held up by the failures of others.
 *
 * @module
 */
import {
  type FailureLimitOptions,
  FailureLimits,
  loginAttempt,
} from "../../api/serving/failure_limits.ts";
import { SemaphoreFullError } from "../../async/fair_semaphore.ts";
import type { Accounts, VerifiedKey } from "./accounts.ts";
import type { KeyLookup } from "./key_table.ts";
import { LoginQueue } from "./login_queue.ts";
import type { HashRequest } from "./slow_hashes.ts";

/**
 * How a login went.
 *
 * - `throttled`: there were too many failures lately, the key was not looked at.
 * - `busy`: too many logins wait, or the peer has left; the key was not looked at.
 */
export type Login =
  | { readonly outcome: "accepted"; readonly key: VerifiedKey }
  | { readonly outcome: "refused" }
  | { readonly outcome: "throttled" }
  | { readonly outcome: "busy" };

/** Seconds after which a login that found too many others may be tried again. */
export const BUSY_RETRY = 5;
/** Networks whose key was right; the one whose last right key is the oldest is forgotten first. */
const MAX_KNOWN = 10_000;

/** Where keys are looked up. */
export type KeySource = Pick<Accounts, "lookUp">;

/** What the guard may be told. */
export interface LoginGuardOptions extends FailureLimitOptions {
  /** Called when somebody has failed so often that they must wait from now on. */
  readonly onThrottle?: (username: string, address: string) => void;
}

/** The way to every login of the server: API, page and proxy share one. */
export class LoginGuard {
  readonly #accounts: KeySource;
  readonly #limits: FailureLimits;
  readonly #line: LoginQueue;
  readonly #onThrottle: (username: string, address: string) => void;
  readonly #known = new Set<string>();
  readonly #outcomes = { accepted: 0, refused: 0, throttled: 0, busy: 0 };

  constructor(
    accounts: KeySource,
    { onThrottle = () => {}, ...options }: LoginGuardOptions = {},
  ) {
    this.#accounts = accounts;
    this.#onThrottle = onThrottle;
    this.#limits = new FailureLimits(options);
    this.#line = new LoginQueue(this.#limits);
  }

  /** How many logins went how. */
  get outcomes(): Readonly<Record<Login["outcome"], number>> {
    return this.#outcomes;
  }

  /**
   * Whether `username` has this access key.
   *
   * @param address The IP address of the connection; empty when it is not known.
   * @param signal Aborted when the peer has left: its work is dropped.
   */
  async check(
    credentials: { readonly username: string; readonly password: string },
    address: string,
    signal?: AbortSignal,
  ): Promise<Login> {
    const login = await this.#check(credentials, address, signal);
    this.#outcomes[login.outcome] += 1;
    return login;
  }

  async #check(
    { username, password }: {
      readonly username: string;
      readonly password: string;
    },
    address: string,
    signal: AbortSignal | undefined,
  ): Promise<Login> {
    const asker = loginAttempt(username, address);
    const { network } = asker;
    const found = this.#accounts.lookUp(username, password);
    if (found.isMade) {
      const place = { network, isPreferred: true, signal };
      return await this.#compare(found, place);
    }
    const turn = await this.#line.enter(asker, signal);
    if (typeof turn === "string") return { outcome: turn };
    using _turn = turn;
    const isPreferred = this.#known.has(network);
    const login = await this.#compare(found, { network, isPreferred, signal });
    if (login.outcome === "accepted") this.#limits.succeed(asker);
    else if (login.outcome === "refused" || isPreferred) {
      const mustWait = this.#limits.fail(asker);
      if (mustWait) this.#onThrottle(username, address);
    }
    return login;
  }

  /**
   * Compares the key.
   *
   * What is remembered answers at once, and would so tell a peer that leaves
   * early whether its guess is right. So strangers have nothing recalled, and
   * for the others a guess counts that was not found, however it ends.
   */
  async #compare(found: KeyLookup, place: HashRequest): Promise<Login> {
    const { network, isPreferred, signal } = place;
    try {
      const recalled = isPreferred ? found.recall() : undefined;
      const key = recalled ?? await found.verify(place);
      if (key === undefined) return { outcome: "refused" };
      this.#know(network);
      return { outcome: "accepted", key };
    } catch (error) {
      const isBusy = error instanceof SemaphoreFullError || signal?.aborted;
      if (isBusy) return { outcome: "busy" };
      throw error;
    }
  }

  #know(network: string): void {
    this.#known.delete(network);
    this.#known.add(network);
    const [oldest] = this.#known;
    if (this.#known.size > MAX_KNOWN && oldest !== undefined) {
      this.#known.delete(oldest);
    }
  }
}
