/**
 * Whether the server can write its database. A disk that is full ends no
 * request: only what must be stored fails, with the reason.
 */
import { Problem } from "../api/serving/problem.ts";
import { logger } from "../log/log.ts";

const log = logger("server");

/** How long the outcome of a write counts, in milliseconds; then `problem()` tries one. Anybody may ask, and a write waits for the disk. */
const TRUSTED_FOR = 5_000;

/** How long no write may have failed until the database can be written, in milliseconds: on a disk that is nearly full some writes succeed. */
const QUIET = 5_000;

/** What SQLite says when the disk is the reason, in plain words. */
const REASONS: readonly (readonly [RegExp, string])[] = [
  [/disk is full/, "the disk is full"],
  [/disk I\/O error/, "the disk takes no more data (disk I/O error)"],
  [/readonly database/, "the database is read-only"],
  [/unable to open database file/, "its folder cannot be written"],
];

/** Why SQLite could not write, if the disk is the reason. */
export function diskReason(cause: unknown): string | undefined {
  const said = cause instanceof Error ? cause.message : "";
  return REASONS.find(([pattern]) => pattern.test(said))?.[1];
}

/** Nothing was stored, because of the disk. */
export class StorageError extends Problem {
  /** @param reason As `the disk is full`. */
  constructor(reason: string, options: ErrorOptions) {
    super(
      503,
      `Cannot store the change: ${reason}, free space on the server's disk ` +
        "and try again",
    );
    this.cause = options.cause;
  }
}

/** Options of {@linkcode StorageHealth}. */
export interface StorageHealthOptions {
  /** For the log: the path of the database. */
  readonly path?: string;
  /** Milliseconds on a monotonic clock. */
  readonly now?: () => number;
}

/** What is known of the writes to one database, by all its connections. */
export class StorageHealth {
  readonly #path: string | undefined;
  readonly #now: () => number;
  readonly #onRecovery = new Set<() => void>();
  #probe: (() => void) | undefined;
  #failures = 0;
  #reason: string | undefined;
  #failedAt = -Infinity;
  #checkedAt = -Infinity;

  constructor(
    { path, now = () => performance.now() }: StorageHealthOptions = {},
  ) {
    this.#path = path;
    this.#now = now;
  }

  /** How many writes failed because of the disk. */
  get failures(): number {
    return this.#failures;
  }

  /** Sets what tries a write, for `problem()`. It throws {@linkcode StorageError}. */
  probeWith(probe: () => void): void {
    this.#probe = probe;
  }

  /** Calls `action` each time writes succeed again, until disposed. */
  onRecovery(action: () => void): Disposable {
    this.#onRecovery.add(action);
    return { [Symbol.dispose]: () => void this.#onRecovery.delete(action) };
  }

  /** Why nothing can be stored, or `undefined`. It tries, if the last write was some seconds ago. */
  problem(): string | undefined {
    if (this.#now() - this.#checkedAt < TRUSTED_FOR) return this.#reason;
    this.#checkedAt = this.#now();
    try {
      this.#probe?.();
    } catch {
      // `watch()` has noted it, unless it says nothing of the disk.
    }
    return this.#reason;
  }

  /**
   * Runs a write, and remembers whether it succeeded.
   *
   * @throws {StorageError} When the disk is the reason that it failed.
   */
  watch<Result>(write: () => Result): Result {
    let result: Result;
    try {
      result = write();
    } catch (cause) {
      const reason = diskReason(cause);
      if (reason === undefined) throw cause;
      this.#failed(reason);
      throw new StorageError(reason, { cause });
    }
    this.#succeeded();
    return result;
  }

  #failed(reason: string): void {
    this.#failures++;
    this.#checkedAt = this.#failedAt = this.#now();
    const isNew = this.#reason === undefined;
    this.#reason = reason;
    if (!isNew) return;
    log.error("cannot write the database, requests go on", {
      reason,
      file: this.#path,
    });
  }

  #succeeded(): void {
    const now = this.#now();
    this.#checkedAt = now;
    if (this.#reason === undefined || now - this.#failedAt < QUIET) return;
    this.#reason = undefined;
    log.info("the database can be written again", { file: this.#path });
    for (const action of this.#onRecovery) action();
  }
}
