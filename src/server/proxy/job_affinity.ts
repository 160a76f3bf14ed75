/**
 * Which member of a pool a job uses: the same one for all its requests, as long
 * as that one is there.
 *
 * @module
 */
import type { FairMap } from "../../async/fair_map.ts";
import type { Fields } from "../../http/fields.ts";
import { ProxyError } from "../../proxy/errors/errors.ts";
import { Shares } from "../accounts/shares.ts";
import type { Tunnel } from "../tunnels/tunnel.ts";

/** The field that names the job of a request; sites never see it. */
const JOB_FIELD = "x-sallyport-job";
/** A job's name: visible ASCII characters without a colon, as it also stands in credentials. */
const JOB_NAME = /^[!-9;-~]{1,128}$/;
/** So much of a wrong name is repeated to whoever sent it, in characters. */
const MAX_SHOWN = 40;
/** Jobs that are remembered, about 300 bytes each; of the organization and the owner with the most, the one used longest ago makes room. */
const MAX_JOBS = 10_000;

/** Takes what names the job out of the fields of a request; see {@linkcode validateJob}. */
export function takeJobField(fields: Fields): string | undefined {
  const job = fields.getList(JOB_FIELD);
  fields.delete(JOB_FIELD);
  return job;
}

/**
 * The job that a field names. No browser sends the field by itself: somebody
 * has added it for a test, and would look for long why its requests are spread.
 *
 * @throws {ProxyError} `badJob` when it can be no name.
 */
export function validateJob(named: string | undefined): string | undefined {
  if (named === undefined || JOB_NAME.test(named)) return named;
  throw new ProxyError("badJob", named.slice(0, MAX_SHOWN));
}

/** What is remembered of jobs. */
export interface JobAffinityOptions {
  readonly maxJobs?: number;
  /** Whose jobs are; all are of one organization unless given. */
  readonly shares?: Shares | undefined;
}

/** Remembers the members of jobs. */
export class JobAffinity {
  /** Ids of tunnels by pool and job. */
  readonly #members: FairMap<string>;
  /** Which of all given jobs was the last that a member was given. */
  readonly #lastGiven = new WeakMap<Tunnel, number>();
  #given = 0;
  readonly #shares: Shares;

  constructor(
    { maxJobs = MAX_JOBS, shares = new Shares() }: JobAffinityOptions = {},
  ) {
    this.#members = shares.table("jobs", { maxEntries: maxJobs });
    this.#shares = shares;
  }

  /** How many jobs are remembered. */
  get size(): number {
    return this.#members.size;
  }

  /**
   * The tunnel of `tunnels`, which share a name, that the job uses: the one it
   * used before, else the one with the fewest exchanges under way; of those that
   * are equally busy the one that was given a job longest ago, so that jobs that
   * begin while all is quiet are spread. All tunnels without a job, or while
   * none takes exchanges.
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
    const member = this.#give(tunnels);
    if (member === undefined) return tunnels;
    this.#members.set(key, member.id, this.#shares.takerOf(first.owner));
    return [member];
  }

  #give(tunnels: readonly Tunnel[]): Tunnel | undefined {
    const lastGiven = (tunnel: Tunnel) => this.#lastGiven.get(tunnel) ?? 0;
    const [member] = tunnels.filter(({ isReady }) => isReady).toSorted((a, b) =>
      a.openExchanges - b.openExchanges || lastGiven(a) - lastGiven(b)
    );
    if (member) this.#lastGiven.set(member, this.#given += 1);
    return member;
  }
}
