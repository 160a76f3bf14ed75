// Session affinity by job: all requests of a job use the same member of a pool,
// as long as that member is there.
import type { FairMap } from "../../async/fair_map.ts";
import type { Fields } from "../../http/fields.ts";
import { ProxyError } from "../../proxy/errors/errors.ts";
import { SharedTables } from "../accounts/shared_tables.ts";
import type { Tunnel } from "../tunnels/tunnel.ts";

/** The field with the job of a request. It is never sent to sites. */
const JOB_FIELD = "x-sallyport-job";
/** Name of a job: visible ASCII characters without a colon, because it is also used in credentials. */
const JOB_NAME = /^[!-9;-~]{1,128}$/;
/** Characters of an invalid name that the error repeats. */
const MAX_SHOWN = 40;
/**
 * Jobs that are remembered, about 300 bytes each. A full table drops the least
 * recently used one of the organization and owner with the most.
 */
const MAX_JOBS = 10_000;

/** Removes the job from the fields of a request and returns it, for {@linkcode validateJob}. */
export function takeJobField(fields: Fields): string | undefined {
  const job = fields.getList(JOB_FIELD);
  fields.delete(JOB_FIELD);
  return job;
}

/**
 * Checks the value of the field. No browser sends the field by itself: a test
 * has added it, and an ignored typing error would spread its requests silently.
 *
 * @throws {ProxyError} `badJob` when it is not a valid name.
 */
export function validateJob(job: string | undefined): string | undefined {
  if (job === undefined || JOB_NAME.test(job)) return job;
  throw new ProxyError("badJob", job.slice(0, MAX_SHOWN));
}

/** How jobs are remembered. */
export interface JobAffinityOptions {
  readonly maxJobs?: number;
  /** Assigns jobs to organizations; by default all belong to one. */
  readonly shares?: SharedTables | undefined;
}

/** Remembers which member each job uses. */
export class JobAffinity {
  /** Tunnel ids by pool and job. */
  readonly #members: FairMap<string>;
  /** When each member was last assigned a job, as a count of assignments. */
  readonly #lastAssigned = new WeakMap<Tunnel, number>();
  #assigned = 0;
  readonly #shares: SharedTables;

  constructor(
    { maxJobs = MAX_JOBS, shares = new SharedTables() }: JobAffinityOptions =
      {},
  ) {
    this.#members = shares.table("jobs", { maxEntries: maxJobs });
    this.#shares = shares;
  }

  /** How many jobs are remembered. */
  get size(): number {
    return this.#members.size;
  }

  /**
   * The member of a pool that the job uses: the one it used before, else the one
   * with the fewest running exchanges. Of equally busy members it is the one that
   * was assigned a job longest ago, so that jobs that start on an idle pool are
   * spread. Without a job, or while no member is ready, it is all `tunnels`.
   */
  of(job: string | undefined, tunnels: readonly Tunnel[]): readonly Tunnel[] {
    const [first] = tunnels;
    if (job === undefined || first === undefined || tunnels.length < 2) {
      return tunnels;
    }
    const key = `${first.owner}+${first.name}:${job}`;
    const known = this.#members.use(key);
    const before = tunnels.find(({ id, isReady }) => isReady && id === known);
    if (before !== undefined) return [before];
    const member = this.#assign(tunnels);
    if (member === undefined) return tunnels;
    this.#members.set(key, member.id, this.#shares.takerOf(first.owner));
    return [member];
  }

  #assign(tunnels: readonly Tunnel[]): Tunnel | undefined {
    const lastAssigned = (tunnel: Tunnel) =>
      this.#lastAssigned.get(tunnel) ?? 0;
    const [member] = tunnels.filter(({ isReady }) => isReady).toSorted((a, b) =>
      a.openExchanges - b.openExchanges || lastAssigned(a) - lastAssigned(b)
    );
    if (member) this.#lastAssigned.set(member, this.#assigned += 1);
    return member;
  }
}
