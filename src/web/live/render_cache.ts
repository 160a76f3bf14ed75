import type { ChangeFeed } from "../../async/change_feed.ts";
import type { Clock } from "../../async/clock.ts";

/** How old a value may be, in milliseconds. Pages show seconds. */
const MAX_AGE = 1_000;
/** How many values are kept, of up to 200 KB each. The next change drops them. */
const MAX_ENTRIES = 32;

interface Entry<Value> {
  readonly value: Value;
  readonly at: number;
}

/**
 * Renders once what many pages show at the same time. A value lives until
 * something changes, or for a second.
 */
export class RenderCache<Value> {
  readonly #clock: Clock;
  readonly #entries = new Map<string, Entry<Value>>();

  /** Subscribes to `changes` for its whole life. */
  constructor(changes: ChangeFeed<unknown>, clock: Clock) {
    this.#clock = clock;
    changes.subscribe(() => this.#entries.clear());
  }

  /** The value of `key`, made by `make` if there is none. The key names all that it depends on. */
  get(key: string, make: () => Value): Value {
    const now = this.#clock.now();
    const entry = this.#entries.get(key);
    if (entry !== undefined && Math.abs(now - entry.at) < MAX_AGE) {
      return entry.value;
    }
    const value = make();
    this.#entries.delete(key);
    if (this.#entries.size >= MAX_ENTRIES) this.#entries.clear();
    this.#entries.set(key, { value, at: now });
    return value;
  }
}
