/**
 * Header and trailer fields of a message (RFC 9110 §5): order, case and
 * repeats are kept, look-ups ignore case.
 */

/** A list of fields. Values are text whose characters are bytes (ISO 8859-1). */
export class Fields implements Iterable<[name: string, value: string]> {
  #flat: string[];

  /**
   * Makes a list of fields.
   *
   * @param flat Names and values in turn: `["Host", "a.test", "Accept", "*\/*"]`; taken over, not copied.
   */
  constructor(flat: string[] = []) {
    this.#flat = flat;
  }

  /** How many field lines there are. */
  get size(): number {
    return this.#flat.length / 2;
  }

  /** Names and values in turn; the list itself, for codecs that walk it. */
  get flat(): readonly string[] {
    return this.#flat;
  }

  /** The value of the first line called `name`, or `undefined`. */
  get(name: string): string | undefined {
    const at = this.#indexOf(name, 0);
    return at < 0 ? undefined : this.#flat[at + 1];
  }

  /** The values of all lines called `name`, in order. */
  getAll(name: string): string[] {
    const values: string[] = [];
    for (
      let at = this.#indexOf(name, 0);
      at >= 0;
      at = this.#indexOf(name, at + 2)
    ) {
      values.push(this.#flat[at + 1] ?? "");
    }
    return values;
  }

  /** The values of all lines called `name` as one list (RFC 9110 §5.3), or `undefined`. */
  getList(name: string): string | undefined {
    const first = this.#indexOf(name, 0);
    if (first < 0) return undefined;
    if (this.#indexOf(name, first + 2) < 0) return this.#flat[first + 1];
    return this.getAll(name).join(", ");
  }

  /** Whether a line called `name` exists. */
  has(name: string): boolean {
    return this.#indexOf(name, 0) >= 0;
  }

  /** Adds a line at the end. */
  append(name: string, value: string): void {
    this.#flat.push(name, value);
  }

  /** Replaces the first line called `name` where it stands and removes the others, or adds one at the end. */
  set(name: string, value: string): void {
    const first = this.#indexOf(name, 0);
    if (first < 0) return this.append(name, value);
    this.#flat[first + 1] = value;
    this.#deleteFrom(name, first + 2);
  }

  /** Removes all lines called `name`; says whether there were any. */
  delete(name: string): boolean {
    const before = this.#flat.length;
    this.#deleteFrom(name, 0);
    return this.#flat.length < before;
  }

  /** An independent copy. */
  clone(): Fields {
    return new Fields(this.#flat.slice());
  }

  /** Each line in turn. */
  *[Symbol.iterator](): Iterator<[name: string, value: string]> {
    for (let at = 0; at < this.#flat.length; at += 2) {
      yield [this.#flat[at] ?? "", this.#flat[at + 1] ?? ""];
    }
  }

  #deleteFrom(name: string, start: number): void {
    for (
      let at = this.#indexOf(name, start);
      at >= 0;
      at = this.#indexOf(name, at)
    ) {
      this.#flat.splice(at, 2);
    }
  }

  #indexOf(name: string, start: number): number {
    const lower = name.toLowerCase();
    for (let at = start; at < this.#flat.length; at += 2) {
      const candidate = this.#flat[at];
      if (candidate?.length !== lower.length) continue;
      if (candidate === name || candidate.toLowerCase() === lower) return at;
    }
    return -1;
  }
}
