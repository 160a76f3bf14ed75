/**
 * Checks logins and slows down guessing: a network with too many failures must
 * wait. Generated keys cannot be guessed, so failures of others never delay the
 * login with a right one.
 */
import type { BasicCredentials } from "../../http/basic_credentials.ts";
import {
  type FailureLimitOptions,
  FailureLimits,
  loginAttempt,
} from "../../api/serving/failure_limits.ts";
import type { LoginFailure } from "../../metrics/organization_tallies.ts";
import { SemaphoreFullError } from "../../async/fair_semaphore.ts";
import type { Accounts, VerifiedKey } from "./accounts.ts";
import type { ExpiredKey, KeyLookup } from "./key_table.ts";
import { LoginQueue, type LoginQueueOptions } from "./login_queue.ts";
import type { HashRequest } from "./hashes/slow_hashes.ts";

/**
 * The outcome of a login.
 *
 * - `throttled`: too many recent failures, the key was not checked.
 * - `busy`: too many logins are waiting, or the peer has left; the key was not checked.
 */
export type Login =
  | { readonly outcome: "accepted"; readonly key: VerifiedKey }
  | {
    readonly outcome: "refused";
    /** The key was right until it expired. */
    readonly expired?: ExpiredKey;
  }
  | { readonly outcome: "throttled" }
  | { readonly outcome: "busy" };

/** Most remembered networks with a successful login; the one whose last success is oldest is forgotten first. */
const MAX_KNOWN = 10_000;

/** The source of keys. */
export type KeySource = Pick<Accounts, "lookUp">;

/** Options of the guard. */
export interface LoginGuardOptions
  extends FailureLimitOptions, LoginQueueOptions {
  /** Most remembered networks with a successful login; 10,000 by default. */
  readonly maxKnown?: number;
  /** Called when a failure makes its peer wait from now on. */
  readonly onThrottle?: (username: string, address: string) => void;
  /** Called for each login that fails. */
  readonly onFailure?: (username: string, reason: LoginFailure) => void;
}

/** Checks every login of the server: API, page and proxy share one guard. */
export class LoginGuard {
  readonly #accounts: KeySource;
  readonly #limits: FailureLimits;
  readonly #queue: LoginQueue;
  readonly #onThrottle: (username: string, address: string) => void;
  readonly #onFailure: (username: string, reason: LoginFailure) => void;
  readonly #known = new Set<string>();
  readonly #maxKnown: number;
  readonly #outcomes = { accepted: 0, refused: 0, throttled: 0, busy: 0 };

  constructor(
    accounts: KeySource,
    {
      onThrottle = () => {},
      onFailure = () => {},
      maxKnown = MAX_KNOWN,
      ...options
    }: LoginGuardOptions = {},
  ) {
    this.#accounts = accounts;
    this.#onThrottle = onThrottle;
    this.#onFailure = onFailure;
    this.#limits = new FailureLimits(options);
    this.#queue = new LoginQueue(this.#limits, options);
    this.#maxKnown = maxKnown;
  }

  /** The number of logins by outcome. */
  get outcomes(): Readonly<Record<Login["outcome"], number>> {
    return this.#outcomes;
  }

  /**
   * Whether `username` has this access key.
   *
   * @param address The IP address of the connection; empty when it is not known.
   * @param signal Aborted when the peer has left; this drops its login.
   */
  async check(
    credentials: BasicCredentials,
    address: string,
    signal?: AbortSignal,
  ): Promise<Login> {
    const login = await this.#check(credentials, address, signal);
    const { outcome } = login;
    this.#outcomes[outcome] += 1;
    if (outcome !== "accepted") this.#onFailure(credentials.username, outcome);
    return login;
  }

  async #check(
    { username, password }: BasicCredentials,
    address: string,
    signal: AbortSignal | undefined,
  ): Promise<Login> {
    const attempt = loginAttempt(username, address);
    const { network } = attempt;
    const found = this.#accounts.lookUp(username, password);
    if (found.isGenerated) {
      const request = { network, isPreferred: true, signal };
      return await this.#compare(found, request);
    }
    const turn = await this.#queue.enter(attempt, signal);
    if (typeof turn === "string") return { outcome: turn };
    using _turn = turn;
    const isPreferred = this.#known.has(network);
    const login = await this.#compare(found, { network, isPreferred, signal });
    if (login.outcome === "accepted") this.#limits.succeed(attempt);
    else if (login.outcome === "refused" || isPreferred) {
      const mustWait = this.#limits.fail(attempt);
      if (mustWait) this.#onThrottle(username, address);
    }
    return login;
  }

  /**
   * Compares the key.
   *
   * A cached result returns at once, so a peer that leaves early would learn
   * whether its guess is right. Therefore unknown networks never use the cache,
   * and for known networks a guess that is not cached counts, however it ends.
   */
  async #compare(found: KeyLookup, request: HashRequest): Promise<Login> {
    const { network, isPreferred, signal } = request;
    try {
      const cached = isPreferred ? found.cached() : undefined;
      const key = cached ?? await found.verify(request);
      if (key === undefined) return refused(found.expired());
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
    if (this.#known.size > this.#maxKnown && oldest !== undefined) {
      this.#known.delete(oldest);
    }
  }
}

function refused(expired: ExpiredKey | undefined): Login {
  return { outcome: "refused", ...expired && { expired } };
}

/** `Access key "ci" expired at 2026-11-30 22:11:07 UTC`: why a login was refused, if the key was right before. */
export function expirySentence(login: Login): string | undefined {
  if (login.outcome !== "refused" || login.expired === undefined) {
    return undefined;
  }
  const { name, expiredAt } = login.expired;
  const time = new Date(expiredAt).toISOString().slice(0, 19).replace("T", " ");
  return `Access key "${name}" expired at ${time} UTC`;
}
