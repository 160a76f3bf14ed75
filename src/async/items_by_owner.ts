/** A set of items, counted by owner, that can name the owner who has most. */
export class ItemsByOwner<Item> {
  readonly #items = new Map<string, Set<Item>>();
  /** Owners by how many items they have; index 0 is never used. */
  readonly #owners: Set<string>[] = [];
  #size = 0;

  /** How many items there are. */
  get size(): number {
    return this.#size;
  }

  /** How many items `owner` has. */
  of(owner: string): number {
    return this.#items.get(owner)?.size ?? 0;
  }

  /** Adds an item. Adding it twice does nothing. */
  add(owner: string, item: Item): void {
    const items = this.#items.get(owner) ?? new Set();
    if (items.has(item)) return;
    this.#items.set(owner, items.add(item));
    this.#size += 1;
    this.#rank(owner, items.size - 1, items.size);
  }

  /** Removes an item; says whether it was there. */
  delete(owner: string, item: Item): boolean {
    const items = this.#items.get(owner);
    if (!items?.delete(item)) return false;
    if (items.size === 0) this.#items.delete(owner);
    this.#size -= 1;
    this.#rank(owner, items.size + 1, items.size);
    return true;
  }

  /** The item that `owner` has had longest. */
  oldestOf(owner: string): Item | undefined {
    const [oldest] = this.#items.get(owner) ?? [];
    return oldest;
  }

  /** The owner who has most items; one of them where several have as many. */
  get largestOwner(): string | undefined {
    const [owner] = this.#owners.at(-1) ?? [];
    return owner;
  }

  #rank(owner: string, before: number, after: number): void {
    this.#owners[before]?.delete(owner);
    if (after > 0) (this.#owners[after] ??= new Set()).add(owner);
    while (this.#owners.length > 0 && !this.#owners.at(-1)?.size) {
      this.#owners.pop();
    }
  }
}
