import { type Clock, monotonicClock } from "./clock.ts";

/** Says why something does not work; `undefined` if it does. Must not throw. */
export type HealthCheck = () => string | undefined;

/** For how long the result of a check counts, in milliseconds: strangers may ask as often as they like. */
export const CHECK_LIFETIME = 1_000;

/** Options of {@linkcode HealthChecks}. */
export interface HealthCheckOptions {
  /** Called when a check has failed, and when it passes again: then without a reason. */
  readonly onChange?: (name: string, reason: string | undefined) => void;
  readonly clock?: Clock;
}

/** What a program needs to do its work, by name. */
export class HealthChecks {
  readonly #checks: ReadonlyMap<string, HealthCheck>;
  readonly #onChange: (name: string, reason: string | undefined) => void;
  readonly #clock: Clock;
  readonly #failures = new Map<string, string>();
  #checkedAt = -Infinity;

  constructor(
    checks: Readonly<Record<string, HealthCheck>>,
    { onChange = () => {}, clock = monotonicClock }: HealthCheckOptions = {},
  ) {
    this.#checks = new Map(Object.entries(checks));
    this.#onChange = onChange;
    this.#clock = clock;
  }

  /** The names of all checks. */
  get names(): readonly string[] {
    return [...this.#checks.keys()];
  }

  /** Why checks fail, by name; empty if the program can work. */
  get failures(): ReadonlyMap<string, string> {
    const now = this.#clock.now();
    if (now - this.#checkedAt < CHECK_LIFETIME) return this.#failures;
    this.#checkedAt = now;
    for (const [name, check] of this.#checks) this.#note(name, check());
    return this.#failures;
  }

  #note(name: string, reason: string | undefined): void {
    const before = this.#failures.get(name);
    if (reason === undefined) this.#failures.delete(name);
    else this.#failures.set(name, reason);
    const hasChanged = (before === undefined) !== (reason === undefined);
    if (hasChanged) this.#onChange(name, reason);
  }
}

/** Failures as text for people, one a line: `database: database or disk is full`. */
export function healthText(failures: ReadonlyMap<string, string>): string {
  return Array.from(failures, ([name, reason]) => `${name}: ${reason}`)
    .join("\n");
}
