// What this event loop holds of a tunnel: the sessions that are attached here, and
// the exchanges that they run.
import {
  OrganizationTally,
  type SessionLoss,
} from "../../metrics/organization_tallies.ts";
import type { RateLimits } from "../../net/stream/rate_limit.ts";
import type { TunnelSession } from "../../tunnel/session.ts";
import { lossOf } from "../../tunnel/session_loss.ts";
import { pickSession } from "./pick_session.ts";
import { RecentFailures } from "./recent/recent_failures.ts";
import { DEFAULT_REQUESTS, RecentRequests } from "./recent/recent_requests.ts";
import { RunningJobs } from "./running_jobs.ts";
import {
  DEFAULT_LIMITS,
  rateLimitsOf,
  type TunnelLimits,
} from "./tunnel_limits.ts";

/** Most sessions of one tunnel. Clients open 16 by default. */
export const MAX_SESSIONS = 128;

/** What the sessions of a tunnel are made with. */
export interface LocalSessionsOptions {
  /** The limits of the tunnel; the usual ones by default. */
  readonly limits?: TunnelLimits | undefined;
  /** What its organization does is counted here. */
  readonly tally?: OrganizationTally | undefined;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** The sessions of one tunnel in this event loop. */
export class LocalSessions {
  /** The jobs with running exchanges. */
  readonly jobs: RunningJobs;
  /** The latest failed exchanges. */
  readonly failures: RecentFailures;
  /** The latest requests, if they are kept. */
  readonly requests: RecentRequests | undefined;
  /** What the organization does is counted here. */
  readonly tally: OrganizationTally;
  /** Rate limits that the exchanges share, if there are any. */
  readonly rates: RateLimits | undefined;
  readonly #maxExchanges: number;
  #sessions: readonly TunnelSession[] = [];
  #lastLoss: SessionLoss | undefined;

  constructor(
    { limits = DEFAULT_LIMITS, tally, now }: LocalSessionsOptions,
  ) {
    this.jobs = new RunningJobs(now);
    const { requests = DEFAULT_REQUESTS } = limits;
    this.requests = requests === 0
      ? undefined
      : new RecentRequests(now, requests);
    this.failures = new RecentFailures(now, requests > 0);
    this.tally = tally ?? new OrganizationTally("");
    this.#maxExchanges = limits.maxExchanges;
    this.rates = rateLimitsOf(limits);
  }

  /** The sessions attached now, oldest first. */
  get list(): readonly TunnelSession[] {
    return this.#sessions;
  }

  /** Why the session that ended last was lost; `undefined` if it was closed. */
  get lastLoss(): SessionLoss | undefined {
    return this.#lastLoss;
  }

  /** Number of running exchanges. */
  get openExchanges(): number {
    return this.#sessions.reduce((sum, each) => sum + each.openExchanges, 0);
  }

  /** Whether there are as many exchanges as there may be. */
  get isFull(): boolean {
    return this.openExchanges >= this.#maxExchanges;
  }

  /** Number of running exchanges without a job. */
  get otherExchanges(): number {
    return Math.max(0, this.openExchanges - this.jobs.exchanges);
  }

  /** Number of running jobs; an exchange without one counts as a job of its own. */
  get jobsRunning(): number {
    return this.jobs.size + this.otherExchanges;
  }

  /** The session for a new exchange; `undefined` if there is none. */
  pick(): TunnelSession | undefined {
    return this.isFull ? undefined : pickSession(this.#sessions);
  }

  /**
   * Adds a session, and removes it when it is done.
   *
   * @param isOver Whether the tunnel ends: then its sessions are closed, whichever end is faster.
   * @param onGone Called after it was removed.
   */
  attach(
    session: TunnelSession,
    { isOver, onGone }: {
      readonly isOver: () => boolean;
      readonly onGone: () => void;
    },
  ): void {
    this.#sessions = [...this.#sessions, session];
    this.tally.openSession(session);
    const detach = (loss?: SessionLoss) => {
      this.#lastLoss = isOver() ? undefined : loss;
      this.tally.closeSession(session, this.#lastLoss);
      this.#sessions = this.#sessions.filter((each) => each !== session);
      onGone();
    };
    // Its opener logs how it ended.
    session.done.then(() => detach(), (cause) => detach(lossOf(cause)));
  }
}
