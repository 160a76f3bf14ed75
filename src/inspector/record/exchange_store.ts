import { ChangeEmitter, type ChangeFeed } from "../../async/change_feed.ts";
import type { ExchangeRecord } from "./exchange_record.ts";

/** Every rendering of the list reads all of them, and nobody would look through more. */
const MAX_EXCHANGES = 10_000;

/** How much is kept. */
export interface StoreLimits {
  /** Bytes of all exchanges together. */
  readonly memory: number;
  /** How many exchanges. */
  readonly count?: number;
}

interface Entry {
  readonly record: ExchangeRecord;
  size: number;
}

/** Keeps the newest exchanges, as many as fit. The oldest are dropped even if they have not ended. */
export class ExchangeStore {
  readonly #changes = new ChangeEmitter<ExchangeRecord | undefined>();
  readonly #entries = new Map<string, Entry>();
  readonly #memory: number;
  readonly #count: number;
  #size = 0;

  constructor({ memory, count = MAX_EXCHANGES }: StoreLimits) {
    this.#memory = memory;
    this.#count = count;
  }

  /** Publishes the exchange that changed; `undefined` when all are removed. */
  get changes(): ChangeFeed<ExchangeRecord | undefined> {
    return this.#changes;
  }

  changesOf(record: ExchangeRecord): ChangeFeed<unknown> {
    return {
      subscribe: (listener) =>
        this.#changes.subscribe((changed) => {
          if (changed === record) listener(changed);
        }),
    };
  }

  /** Memory that all of them use, in bytes. */
  get size(): number {
    return this.#size;
  }

  /** All, newest first. */
  get all(): readonly ExchangeRecord[] {
    return Array.from(this.#entries.values(), ({ record }) => record).reverse();
  }

  /** The exchange of this id, if it is kept. */
  find(id: string): ExchangeRecord | undefined {
    return this.#entries.get(id)?.record;
  }

  /** The ones that were recorded just after and just before it, if they are kept. */
  neighboursOf(
    { id }: Pick<ExchangeRecord, "id">,
  ): { readonly newer?: ExchangeRecord; readonly older?: ExchangeRecord } {
    let older: ExchangeRecord | undefined;
    let isNext = false;
    let newer: ExchangeRecord | undefined;
    for (const { record } of this.#entries.values()) {
      if (isNext) {
        newer = record;
        break;
      }
      isNext = record.id === id;
      if (!isNext) older = record;
    }
    return { ...isNext && older && { older }, ...newer && { newer } };
  }

  /** Adds an exchange. */
  add(record: ExchangeRecord): void {
    this.#remove(record.id);
    this.#entries.set(record.id, { record, size: 0 });
    this.update(record);
  }

  /** Call this when the texts or the state of an exchange have changed. */
  update(record: ExchangeRecord): void {
    const entry = this.#entryOf(record);
    if (entry === undefined) return;
    const { requestBody, responseBody } = record;
    const size = record.size + (requestBody?.memory ?? 0) +
      (responseBody?.memory ?? 0);
    this.#grow(entry, size - entry.size);
    this.#changes.publish(record);
  }

  /** Call this when a body of an exchange needs more memory. */
  grow(record: ExchangeRecord, bytes: number): void {
    const entry = this.#entryOf(record);
    if (entry !== undefined) this.#grow(entry, bytes);
    // The exchange was removed, but its body still arrives.
    else record.discardBodies();
  }

  /** Removes all exchanges. */
  clear(): void {
    for (const id of [...this.#entries.keys()]) this.#remove(id);
    this.#changes.publish(undefined);
  }

  #entryOf(record: ExchangeRecord): Entry | undefined {
    const entry = this.#entries.get(record.id);
    return entry?.record === record ? entry : undefined;
  }

  #grow(entry: Entry, bytes: number): void {
    entry.size += bytes;
    this.#size += bytes;
    for (const id of this.#entries.keys()) {
      const isFull = this.#size > this.#memory ||
        this.#entries.size > this.#count;
      if (!isFull) return;
      this.#remove(id);
    }
  }

  #remove(id: string): void {
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    this.#entries.delete(id);
    this.#size -= entry.size;
    entry.record.discardBodies();
  }
}
