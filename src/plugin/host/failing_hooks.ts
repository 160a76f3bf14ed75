import { PluginError } from "../api/errors.ts";
import type { CallName } from "../api/hook_names.ts";

/** A plugin that fails, or did so a moment ago. */
export interface PluginFailure {
  readonly hook: CallName;
  /** Why the last call failed. */
  readonly reason: string;
  /** `pin_dns.ts:3:39`: file, line and column, if they are known. */
  readonly location: string | undefined;
  /** When the first call failed, in milliseconds since 1970. */
  readonly since: number;
  /** When the last call failed, in milliseconds since 1970. */
  readonly at: number;
  /** How many calls have failed since then. */
  readonly count: number;
}

/** How long a failure is shown after the hook works again, in milliseconds: long enough to be seen. */
export const SHOWN_FOR = 60_000;

/** The hooks of one plugin whose last call failed, or failed a moment ago. */
export class FailingHooks {
  readonly #failures = new Map<string, PluginFailure>();
  /** Those whose last call failed. */
  readonly #failing = new Set<string>();
  readonly #now: () => number;

  /** @param now Milliseconds since 1970. */
  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** Whether the last call of any hook failed. */
  get isFailing(): boolean {
    return this.#failing.size > 0;
  }

  /** The latest failure, while it is shown. */
  get latest(): PluginFailure | undefined {
    const now = this.#now();
    let latest: PluginFailure | undefined;
    for (const [key, failure] of this.#failures) {
      const isOver = !this.#failing.has(key) && now - failure.at >= SHOWN_FOR;
      if (isOver) this.#failures.delete(key);
      else if (failure.at >= (latest?.at ?? 0)) latest = failure;
    }
    return latest;
  }

  /**
   * Notes that a call has failed.
   *
   * @param key What succeeds and fails together: a hook, or the bodies of it.
   */
  fail(key: string, hook: CallName, error: unknown): void {
    const now = this.#now();
    const { since = now, count = 0 } = this.#failures.get(key) ?? {};
    this.#failing.add(key);
    this.#failures.set(key, {
      hook,
      reason: error instanceof Error ? error.message : String(error),
      location: error instanceof PluginError ? error.location : undefined,
      since,
      at: now,
      count: count + 1,
    });
  }

  /** Notes that a call has succeeded. */
  succeed(key: string): void {
    this.#failing.delete(key);
  }
}
