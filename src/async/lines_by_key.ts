/**
 * A bounded set of waiting lines, one for each key, served in turn. When it is
 * full, the longest line loses its newest entry, so that the key with
 * the most entries gives way.
 */
export class LinesByKey<Entry> {
  readonly #maxEntries: number;
  /** The line whose turn is next comes first; no line is empty. */
  readonly #lines = new Map<string, Set<Entry>>();
  #size = 0;

  /** @param maxEntries Entries of all lines together. */
  constructor(maxEntries: number) {
    this.#maxEntries = maxEntries;
  }

  /** Entries of all lines. */
  get size(): number {
    return this.#size;
  }

  /** Entries of one line, the oldest first. */
  of(key: string): ReadonlySet<Entry> {
    return this.#lines.get(key) ?? new Set();
  }

  /** Puts an entry at the end of its line. Gives the entry that must leave because of it, which may be the same. */
  add(key: string, entry: Entry): Entry | undefined {
    const line = this.#lines.get(key) ?? new Set();
    this.#lines.set(key, line.add(entry));
    this.#size += 1;
    return this.#size > this.#maxEntries ? this.#dropOne() : undefined;
  }

  /** Takes the oldest entry of the line whose turn it is; that line is the last one then. */
  shift(): Entry | undefined {
    for (const [key, line] of this.#lines) {
      for (const entry of line) {
        this.delete(key, entry);
        if (this.#lines.delete(key)) this.#lines.set(key, line);
        return entry;
      }
    }
    return undefined;
  }

  /** Takes an entry out of its line. */
  delete(key: string, entry: Entry): void {
    const line = this.#lines.get(key);
    if (!line?.delete(entry)) return;
    this.#size -= 1;
    if (line.size === 0) this.#lines.delete(key);
  }

  /** Every entry counts when there are as many lines as entries: then the newest line gives way. */
  #dropOne(): Entry | undefined {
    let longest: readonly [key: string, line: Set<Entry>] | undefined;
    for (const each of this.#lines) {
      if (each[1].size >= (longest?.[1].size ?? 0)) longest = each;
    }
    const newest = longest && [...longest[1]].at(-1);
    if (longest && newest !== undefined) this.delete(longest[0], newest);
    return newest;
  }
}
