/**
 * A semaphore whose waiting tasks take turns by who they are for, so that
 * one peer with many tasks delays its own tasks and not those of others.
 */
import { LinesByKey } from "./lines_by_key.ts";

/** How many tasks run and wait. */
export interface FairSemaphoreOptions {
  /** Tasks that run at the same time. */
  readonly permits: number;
  /** How many of the permits only preferred tasks get; less than `permits`. */
  readonly reserved: number;
  /** Tasks of each kind, preferred or not, that wait at the same time. */
  readonly maxWaiting: number;
}

/** The owner of a task. */
export interface TaskOptions {
  /** Tasks of one key take turns with tasks of other keys. */
  readonly key: string;
  /** Whether the task may use the reserved permits. */
  readonly isPreferred?: boolean | undefined;
  /** Takes the task out of the line; a task that runs is not stopped. */
  readonly signal?: AbortSignal | undefined;
}

/** A task gave up its place, because too many wait and its key has the most of them. */
export class SemaphoreFullError extends Error {
  /** Always `SemaphoreFullError`. */
  override readonly name = "SemaphoreFullError";
}

interface Waiting {
  start(): void;
  fail(reason: unknown): void;
}

/** Runs a few tasks at a time. */
export class FairSemaphore {
  readonly #options: FairSemaphoreOptions;
  readonly #preferred: LinesByKey<Waiting>;
  readonly #others: LinesByKey<Waiting>;
  #running = 0;
  #runningOthers = 0;
  /** Whether the last task that left a line was a preferred one. */
  #wasPreferred = false;

  constructor(options: FairSemaphoreOptions) {
    this.#options = options;
    this.#preferred = new LinesByKey(options.maxWaiting);
    this.#others = new LinesByKey(options.maxWaiting);
  }

  /** How many tasks wait. */
  get waiting(): number {
    return this.#preferred.size + this.#others.size;
  }

  /**
   * Runs `task` when its turn has come.
   *
   * @throws {SemaphoreFullError} When the task gave up its place.
   * @throws The signal's reason when it is aborted before the task runs.
   */
  async run<Result>(
    task: () => Promise<Result>,
    options: TaskOptions,
  ): Promise<Result> {
    const { isPreferred = false } = options;
    await this.#acquire({ ...options, isPreferred });
    try {
      return await task();
    } finally {
      this.#running -= 1;
      if (!isPreferred) this.#runningOthers -= 1;
      this.#startNext();
    }
  }

  #acquire(
    { key, isPreferred, signal }: TaskOptions & {
      readonly isPreferred: boolean;
    },
  ): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    if (signal?.aborted) {
      reject(signal.reason);
      return promise;
    }
    const lines = isPreferred ? this.#preferred : this.#others;
    const waiting: Waiting = { start, fail };
    signal?.addEventListener("abort", leave);
    lines.add(key, waiting)?.fail(
      new SemaphoreFullError("Cannot wait: too many tasks do"),
    );
    this.#startNext();
    return promise;

    function start(): void {
      signal?.removeEventListener("abort", leave);
      resolve();
    }

    function fail(reason: unknown): void {
      signal?.removeEventListener("abort", leave);
      reject(reason);
    }

    function leave(): void {
      lines.delete(key, waiting);
      fail(signal?.reason);
    }
  }

  /** Starts what can run; where both kinds wait for the same permit, they alternate. */
  #startNext(): void {
    const { permits, reserved } = this.#options;
    while (this.#running < permits) {
      const mayTakeOther = this.#runningOthers < permits - reserved &&
        this.#others.size > 0;
      const hasPreferred = this.#preferred.size > 0;
      const isPreferred = hasPreferred &&
        (!mayTakeOther || !this.#wasPreferred);
      if (!isPreferred && !mayTakeOther) return;
      const next = (isPreferred ? this.#preferred : this.#others).shift();
      if (next === undefined) return;
      this.#wasPreferred = isPreferred;
      this.#running += 1;
      if (!isPreferred) this.#runningOthers += 1;
      next.start();
    }
  }
}
