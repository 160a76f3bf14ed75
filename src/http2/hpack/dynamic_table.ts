/**
 * The dynamic table: the latest fields, first in, first out (RFC 7541 §2.3.2,
 * §4).
 *
 * It is a ring: insertion, eviction and look-up by index take constant time.
 */

/** What an entry counts beside its octets (RFC 7541 §4.1). */
const ENTRY_OVERHEAD = 32;

/** SETTINGS_HEADER_TABLE_SIZE before any SETTINGS frame (RFC 9113 §6.5.2). */
export const DEFAULT_TABLE_SIZE = 4096;

/** The largest table of ours: beyond it the memory of many sessions adds up. */
export const MAX_TABLE_SIZE: number = 1 << 20;

const INITIAL_SLOTS = 64;

/** Options of a `DynamicTable`. */
export interface DynamicTableOptions {
  /** Called with each evicted entry and the id that `insert` returned for it. */
  readonly onEvict?: (id: number, name: string, value: string) => void;
}

/** Fields by age. Index 0 is the newest. */
export class DynamicTable {
  readonly #onEvict: DynamicTableOptions["onEvict"];
  /** Rings of a power of two: the entry with id `n` is at `n & mask`. */
  #names: string[] = new Array<string>(INITIAL_SLOTS).fill("");
  #values: string[] = new Array<string>(INITIAL_SLOTS).fill("");
  #mask = INITIAL_SLOTS - 1;
  #newest = 0;
  #length = 0;
  #size = 0;
  #maxSize: number;

  /**
   * An empty table.
   *
   * @param maxSize In octets, counted as in RFC 7541 §4.1.
   */
  constructor(maxSize: number, { onEvict }: DynamicTableOptions = {}) {
    this.#maxSize = maxSize;
    this.#onEvict = onEvict;
  }

  /** How many entries there are. */
  get length(): number {
    return this.#length;
  }

  /** Octets of all entries (RFC 7541 §4.1); at most `maxSize`. */
  get size(): number {
    return this.#size;
  }

  /** The capacity in octets. */
  get maxSize(): number {
    return this.#maxSize;
  }

  /** The id of the newest entry; the entry with id `n` has the index `newest - n`. */
  get newest(): number {
    return this.#newest;
  }

  /** The name at `index`, which must be below `length`. */
  nameAt(index: number): string {
    return this.#names[(this.#newest - index) & this.#mask] ?? "";
  }

  /** The value at `index`, which must be below `length`. */
  valueAt(index: number): string {
    return this.#values[(this.#newest - index) & this.#mask] ?? "";
  }

  /**
   * Adds a field and evicts the oldest. A field larger than the whole table
   * only empties it (RFC 7541 §4.4).
   *
   * @returns The entry's id, counting from 1, or 0 when it was too large.
   */
  insert(name: string, value: string): number {
    const size = entrySize(name, value);
    this.#shrinkTo(this.#maxSize - size);
    if (size > this.#maxSize) return 0;
    if (this.#length > this.#mask) this.#grow();
    this.#newest++;
    const slot = this.#newest & this.#mask;
    this.#names[slot] = name;
    this.#values[slot] = value;
    this.#length++;
    this.#size += size;
    return this.#newest;
  }

  /** Sets the capacity to `maxSize` octets (RFC 7541 §4.3). */
  resize(maxSize: number): void {
    this.#maxSize = maxSize;
    this.#shrinkTo(maxSize);
  }

  #shrinkTo(size: number): void {
    while (this.#size > size && this.#length > 0) this.#evictOldest();
  }

  #evictOldest(): void {
    const id = this.#newest - this.#length + 1;
    const slot = id & this.#mask;
    const name = this.#names[slot] ?? "";
    const value = this.#values[slot] ?? "";
    this.#names[slot] = "";
    this.#values[slot] = "";
    this.#length--;
    this.#size -= entrySize(name, value);
    this.#onEvict?.(id, name, value);
  }

  #grow(): void {
    const slots = (this.#mask + 1) * 2;
    const names = new Array<string>(slots).fill("");
    const values = new Array<string>(slots).fill("");
    for (let index = 0; index < this.#length; index++) {
      const slot = (this.#newest - index) & (slots - 1);
      names[slot] = this.nameAt(index);
      values[slot] = this.valueAt(index);
    }
    this.#names = names;
    this.#values = values;
    this.#mask = slots - 1;
  }
}

/** The size of a field in a table and in a list (RFC 7541 §4.1, RFC 9113 §6.5.2). */
export function entrySize(name: string, value: string): number {
  return name.length + value.length + ENTRY_OVERHEAD;
}

/**
 * Returns `size` if it is allowed for a table of ours.
 *
 * @throws {RangeError} When it is not a whole number from 0 to
 * `MAX_TABLE_SIZE`.
 */
export function checkedTableSize(size: number): number {
  if (Number.isInteger(size) && size >= 0 && size <= MAX_TABLE_SIZE) {
    return size;
  }
  throw new RangeError(
    `Cannot make a table of "${size}" octets: pass a whole number from 0 to ${MAX_TABLE_SIZE}`,
  );
}
