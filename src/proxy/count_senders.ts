import { FairMap, type Taker } from "../async/fair_map.ts";
import type { Handler } from "../http/exchange.ts";
import { ExchangeAborted } from "../http/exchange_aborted.ts";
import { NO_RESPONSE } from "../metrics/proxy_metrics.ts";
import type { SenderSources } from "../metrics/organization_metrics.ts";
import {
  type CountedSender,
  OTHERS,
  type SenderCounter,
  SenderTally,
} from "../metrics/organization_tallies.ts";

/** Users with numbers of their own, of all organizations. The rest share {@linkcode OTHERS}. */
export const MAX_COUNTED_USERS = 100;
/**
 * Test jobs with numbers of their own: those of the latest requests. A test run
 * makes new names all the time, so the others move to {@linkcode OTHERS}.
 */
export const MAX_COUNTED_JOBS = 100;

/** How many have numbers of their own. */
export interface SenderBounds {
  /** Default {@linkcode MAX_COUNTED_USERS}. */
  readonly users?: number;
  /** Default {@linkcode MAX_COUNTED_JOBS}. */
  readonly jobs?: number;
}

/** What users and jobs do, counted. Many users or jobs of one organization take no numbers from another. */
export class SenderTallies implements SenderCounter, SenderSources {
  readonly #users: FairMap<SenderTally>;
  readonly #jobs: FairMap<SenderTally>;
  /** By organization. */
  readonly #otherUsers = new Map<string, SenderTally>();
  /** By organization. */
  readonly #otherJobs = new Map<string, SenderTally>();

  constructor(
    { users = MAX_COUNTED_USERS, jobs = MAX_COUNTED_JOBS }: SenderBounds = {},
  ) {
    this.#users = new FairMap({
      maxEntries: users,
      onEvict: (tally) => addTo(this.#otherUsers, tally, otherUsers),
    });
    this.#jobs = new FairMap({
      maxEntries: jobs,
      onEvict: (tally) => addTo(this.#otherJobs, tally, otherJobs),
    });
  }

  /** Counts a response. Without a user it has no owner: nothing is counted. */
  count({ organization = "", user, job }: CountedSender, status: number): void {
    if (user === undefined) return;
    const taker = { organization, user };
    this.#tallyOf(taker).requests.count(status);
    if (job !== undefined) this.#tallyOfJob(taker, job).requests.count(status);
  }

  /** The tallies of users. */
  users(): readonly SenderTally[] {
    return [...valuesOf(this.#users), ...this.#otherUsers.values()];
  }

  /** The tallies of jobs. */
  jobs(): readonly SenderTally[] {
    return [...valuesOf(this.#jobs), ...this.#otherJobs.values()];
  }

  #tallyOf(taker: Taker): SenderTally {
    const { organization, user } = taker;
    const key = keyOf(organization, user);
    const known = this.#users.get(key);
    if (known !== undefined) return known;
    const tally = new SenderTally({ ...labelsOf(organization), user });
    if (this.#users.offer(key, tally, taker)) return tally;
    return this.#otherUsers.getOrInsertComputed(organization, otherUsers);
  }

  #tallyOfJob(taker: Taker, job: string): SenderTally {
    const { organization, user } = taker;
    const key = keyOf(organization, user, job);
    const known = this.#jobs.use(key);
    if (known !== undefined) return known;
    const tally = new SenderTally({ ...labelsOf(organization), user, job });
    this.#jobs.set(key, tally, taker);
    return tally;
  }
}

function valuesOf(table: FairMap<SenderTally>): readonly SenderTally[] {
  return Array.from(table, ([, tally]) => tally);
}

/** No name of an organization, a user or a job has a line break. */
function keyOf(...names: readonly string[]): string {
  return names.join("\n");
}

function labelsOf(organization: string): Readonly<Record<string, string>> {
  return organization === "" ? {} : { organization };
}

function otherUsers(organization: string): SenderTally {
  return new SenderTally({ ...labelsOf(organization), user: OTHERS });
}

function otherJobs(organization: string): SenderTally {
  const other = OTHERS;
  return new SenderTally({
    ...labelsOf(organization),
    user: other,
    job: other,
  });
}

/** Adds the numbers of a tally that had to make room to those of its organization. */
function addTo(
  others: Map<string, SenderTally>,
  { labels: { organization = "" }, requests }: SenderTally,
  make: (organization: string) => SenderTally,
): void {
  others.getOrInsertComputed(organization, make).requests.addAll(requests);
}

/** `handler`, whose responses are counted for user and job. */
export function countSenders(
  handler: Handler,
  senders: SenderCounter,
): Handler {
  return async function counting(request, context) {
    try {
      const response = await handler(request, context);
      senders.count(context, response.status);
      return response;
    } catch (cause) {
      if (cause instanceof ExchangeAborted) senders.count(context, NO_RESPONSE);
      throw cause;
    }
  };
}
