/**
 * The exchanges of a tunnel that are under way, by the job that they name: a
 * test is one job, however many requests its browser has open.
 *
 * @module
 */

/** A job that has exchanges under way. */
export interface RunningJob {
  readonly id: string;
  /** How many are under way. */
  readonly exchanges: number;
  /** Since when there is always one, in milliseconds since 1970. */
  readonly since: number;
}

/** Counts the exchanges of jobs. There are never more jobs than exchanges, whose number is limited. */
export class RunningJobs {
  readonly #jobs = new Map<string, RunningJob>();
  readonly #now: () => number;
  #exchanges = 0;

  /** @param now Milliseconds since 1970. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** How many jobs are running. */
  get size(): number {
    return this.#jobs.size;
  }

  /** How many exchanges they have under way, all together. */
  get exchanges(): number {
    return this.#exchanges;
  }

  /** The jobs, the oldest first. */
  list(): readonly RunningJob[] {
    return [...this.#jobs.values()];
  }

  /** Counts an exchange of a job until the returned function is called. */
  begin(id: string): () => void {
    this.#count(id, 1);
    let hasEnded = false;
    return () => {
      if (hasEnded) return;
      hasEnded = true;
      this.#count(id, -1);
    };
  }

  #count(id: string, by: number): void {
    this.#exchanges += by;
    const job = this.#jobs.get(id) ?? { id, exchanges: 0, since: this.#now() };
    const exchanges = job.exchanges + by;
    if (exchanges === 0) this.#jobs.delete(id);
    else this.#jobs.set(id, { ...job, exchanges });
  }
}
