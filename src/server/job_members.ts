/**
 * Which member of a pool a job uses: the same one for all its requests, as long
 * as that one is there.
 *
 * @module
 */
import type { Fields } from "../http/fields.ts";
import type { Tunnel } from "./tunnel.ts";

/** The field that names the job of a request; sites never see it. */
const JOB_FIELD = "x-sallyport-job";
/** A job's name: visible ASCII characters without a colon, as it also stands in credentials. */
const JOB_NAME = /^[!-9;-~]{1,128}$/;
/** Jobs that are remembered, those used last; about 300 bytes each. */
const MAX_JOBS = 10_000;

/** Takes the name of the job out of the fields of a request; `undefined` if there is none that could be one. */
export function takeJob(fields: Fields): string | undefined {
  const job = fields.get(JOB_FIELD);
  fields.delete(JOB_FIELD);
  return job !== undefined && JOB_NAME.test(job) ? job : undefined;
}

/** Remembers the members of jobs. */
export class JobMembers {
  /** Ids of tunnels by pool and job, the least recently used first. */
  readonly #members = new Map<string, string>();
  readonly #maxJobs: number;

  constructor({ maxJobs = MAX_JOBS }: { readonly maxJobs?: number } = {}) {
    this.#maxJobs = maxJobs;
  }

  /** How many jobs are remembered. */
  get size(): number {
    return this.#members.size;
  }

  /**
   * The tunnel of `tunnels`, which share a name, that the job uses: the one it
   * used before, else the one with the fewest exchanges under way. All of them
   * without a job, or while none takes exchanges.
   */
  of(job: string | undefined, tunnels: readonly Tunnel[]): readonly Tunnel[] {
    const [first] = tunnels;
    if (job === undefined || first === undefined || tunnels.length < 2) {
      return tunnels;
    }
    const key = `${first.owner}+${first.name}:${job}`;
    const known = this.#members.get(key);
    const member = tunnels.find(({ id, isReady }) => isReady && id === known) ??
      leastBusy(tunnels);
    if (member === undefined) return tunnels;
    this.#remember(key, member.id);
    return [member];
  }

  #remember(key: string, id: string): void {
    this.#members.delete(key);
    this.#members.set(key, id);
    if (this.#members.size <= this.#maxJobs) return;
    const [oldest] = this.#members.keys();
    if (oldest !== undefined) this.#members.delete(oldest);
  }
}

function leastBusy(tunnels: readonly Tunnel[]): Tunnel | undefined {
  return tunnels.filter(({ isReady }) => isReady)
    .toSorted((a, b) => a.jobsRunning - b.jobsRunning)[0];
}
