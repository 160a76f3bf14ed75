/**
 * What many pages show at the same time, worked out once for all of them.
 *
 * @module
 */
import type { ChangeFeed } from "../async/change_feed.ts";
import type { Clock } from "../async/clock.ts";

/** How long something is shown that was worked out before, in milliseconds; pages show seconds. */
const MAX_AGE = 1_000;
/** Values that are kept, up to 200 KB each; they are gone with the next change. */
const MAX_KEPT = 32;

/** Keeps values until something changes, or for a second. */
export class Fresh<Value> {
  readonly #clock: Clock;
  readonly #kept = new Map<
    string,
    { readonly value: Value; readonly at: number }
  >();

  /** It follows `changes` as long as they come. */
  constructor(changes: ChangeFeed<unknown>, clock: Clock) {
    this.#clock = clock;
    changes.subscribe(() => this.#kept.clear());
  }

  /** The value of `key`, by `make` unless there is one. What it depends on stands in the key. */
  of(key: string, make: () => Value): Value {
    const now = this.#clock.now();
    const known = this.#kept.get(key);
    if (known !== undefined && Math.abs(now - known.at) < MAX_AGE) {
      return known.value;
    }
    const value = make();
    this.#kept.delete(key);
    if (this.#kept.size >= MAX_KEPT) this.#kept.clear();
    this.#kept.set(key, { value, at: now });
    return value;
  }
}
