// The running exchanges of a tunnel, by job: a test is one job, however many
// requests its browser has open.

/** A job with running exchanges. */
export interface RunningJob {
  readonly id: string;
  /** How many exchanges it runs. */
  readonly exchanges: number;
  /** Since when it has always run at least one, in milliseconds since 1970. */
  readonly since: number;
}

/** Counts the exchanges of jobs. There are at most as many jobs as exchanges, whose number is limited. */
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

  /** How many exchanges they run together. */
  get exchanges(): number {
    return this.#exchanges;
  }

  /** The jobs, oldest first. */
  list(): readonly RunningJob[] {
    return [...this.#jobs.values()];
  }

  /** Counts an exchange of a job until the function that it returns is called. */
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
