import { DynamicTable } from "./dynamic_table.ts";
import { STATIC_LENGTH, STATIC_NAMES, STATIC_VALUES } from "./static_table.ts";

/**
 * The entries with one name. A dynamic entry has its id in `DynamicTable`, a
 * static one its negated index.
 */
interface NameEntries {
  /** The entry to take the name from: a static one, otherwise the newest. */
  nameId: number;
  readonly idsByValue: Map<string, number>;
}

/** An id that no entry has. */
const NO_ENTRY = 0;

/** Positions of a list that are guessed; few lists are longer. */
const GUESSES = 32;

/** The static and the dynamic table of an encoder: finds the index of a field. */
export class EncoderTable {
  readonly #names = staticNames();
  readonly #dynamic: DynamicTable;
  /**
   * For each position in a list, the id of the last field there. Most lists
   * resemble the one before, and comparing two strings takes half the time of
   * hashing one.
   */
  readonly #guesses: number[] = new Array<number>(GUESSES).fill(NO_ENTRY);

  /**
   * An empty dynamic table behind the static one.
   *
   * @param maxSize Of the dynamic table, in octets as RFC 7541 §4.1 counts
   * them.
   */
  constructor(maxSize: number) {
    this.#dynamic = new DynamicTable(maxSize, {
      onEvict: (_id, name, value) => this.#forget(name, value),
    });
  }

  /** The capacity of the dynamic table in octets. */
  get maxSize(): number {
    return this.#dynamic.maxSize;
  }

  /**
   * Finds a field.
   *
   * @param position Of the field in its list: a hint that may be wrong.
   * @returns The index of the field; or the negated index of another field with
   * the same name; or 0.
   */
  find(name: string, value: string, position: number): number {
    const guess = this.#guesses[position] ?? NO_ENTRY;
    if (this.#isAt(guess, name, value)) return this.#indexOf(guess);
    const entries = this.#names.get(name);
    if (entries === undefined) return 0;
    const id = entries.idsByValue.get(value);
    if (id === undefined) return -this.#indexOf(entries.nameId);
    if (position < GUESSES) this.#guesses[position] = id;
    return this.#indexOf(id);
  }

  /** Adds a field that `find` did not find; evicts the oldest. */
  insert(name: string, value: string): void {
    const id = this.#dynamic.insert(name, value);
    if (id === 0) return;
    const entries = this.#names.get(name);
    if (entries === undefined) {
      const idsByValue = new Map([[value, id]]);
      this.#names.set(name, { nameId: id, idsByValue });
      return;
    }
    entries.idsByValue.set(value, id);
    if (entries.nameId > 0) entries.nameId = id;
  }

  /** Sets the capacity of the dynamic table to `maxSize` octets. */
  resize(maxSize: number): void {
    this.#dynamic.resize(maxSize);
  }

  /** Whether the entry with `id` is still there and is this field. */
  #isAt(id: number, name: string, value: string): boolean {
    if (id < 0) {
      return STATIC_VALUES[-id] === value && STATIC_NAMES[-id] === name;
    }
    const index = this.#dynamic.newest - id;
    return index < this.#dynamic.length &&
      this.#dynamic.valueAt(index) === value &&
      this.#dynamic.nameAt(index) === name;
  }

  #indexOf(id: number): number {
    return id < 0 ? -id : STATIC_LENGTH + 1 + this.#dynamic.newest - id;
  }

  #forget(name: string, value: string): void {
    const entries = this.#names.get(name);
    if (entries === undefined) return;
    entries.idsByValue.delete(value);
    if (entries.idsByValue.size === 0) this.#names.delete(name);
  }
}

function staticNames(): Map<string, NameEntries> {
  const names = new Map<string, NameEntries>();
  for (let index = 1; index <= STATIC_LENGTH; index++) {
    const name = STATIC_NAMES[index] ?? "";
    const value = STATIC_VALUES[index] ?? "";
    const entries = names.get(name) ??
      { nameId: -index, idsByValue: new Map<string, number>() };
    entries.idsByValue.set(value, -index);
    names.set(name, entries);
  }
  return names;
}
