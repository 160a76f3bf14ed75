/**
 * The exchanges that are kept: the newest, as many as fit.
 *
 * @module
 */
import { ChangeEmitter, type ChangeFeed } from "../../async/change_feed.ts";
import type { ExchangeRecord } from "./exchange_record.ts";

/** More would not be looked through, and every look at the list goes through all of them. */
const MAX_EXCHANGES = 5_000;

/** How much is kept. */
export interface StoreLimits {
  /** Bytes of all exchanges together. */
  readonly memory: number;
  /** How many exchanges. */
  readonly count?: number;
}

interface Kept {
  readonly record: ExchangeRecord;
  size: number;
}

/** Keeps exchanges; the oldest make room, under way or not. */
export class ExchangeStore {
  readonly #changes = new ChangeEmitter<ExchangeRecord | undefined>();
  readonly #kept = new Map<string, Kept>();
  readonly #memory: number;
  readonly #count: number;
  #size = 0;

  constructor({ memory, count = MAX_EXCHANGES }: StoreLimits) {
    this.#memory = memory;
    this.#count = count;
  }

  /** The exchange that is different; `undefined` when all are gone. */
  get changes(): ChangeFeed<ExchangeRecord | undefined> {
    return this.#changes;
  }

  /** When one exchange is different. */
  changesOf(record: ExchangeRecord): ChangeFeed<unknown> {
    return {
      subscribe: (listener) =>
        this.#changes.subscribe((changed) => {
          if (changed === record) listener(changed);
        }),
    };
  }

  /** How many bytes are kept. */
  get size(): number {
    return this.#size;
  }

  /** All, newest first. */
  get all(): readonly ExchangeRecord[] {
    return Array.from(this.#kept.values(), ({ record }) => record).reverse();
  }

  /** The exchange of this id, if it is still kept. */
  find(id: string): ExchangeRecord | undefined {
    return this.#kept.get(id)?.record;
  }

  /** Keeps a new exchange. */
  add(record: ExchangeRecord): void {
    this.#remove(record.id);
    this.#kept.set(record.id, { record, size: 0 });
    this.update(record);
  }

  /** Its texts or its state have changed. */
  update(record: ExchangeRecord): void {
    const kept = this.#keptOf(record);
    if (kept === undefined) return;
    const { requestContent, responseContent } = record;
    const size = record.size + (requestContent?.room ?? 0) +
      (responseContent?.room ?? 0);
    this.#grow(kept, size - kept.size);
    this.#changes.publish(record);
  }

  /** Its content takes more room. */
  grow(record: ExchangeRecord, bytes: number): void {
    const kept = this.#keptOf(record);
    if (kept !== undefined) this.#grow(kept, bytes);
    // What is not kept any more has content that comes late.
    else record.drop();
  }

  /** Lets go of everything. */
  clear(): void {
    for (const id of [...this.#kept.keys()]) this.#remove(id);
    this.#changes.publish(undefined);
  }

  #keptOf(record: ExchangeRecord): Kept | undefined {
    const kept = this.#kept.get(record.id);
    return kept?.record === record ? kept : undefined;
  }

  #grow(kept: Kept, bytes: number): void {
    kept.size += bytes;
    this.#size += bytes;
    for (const id of this.#kept.keys()) {
      const isFull = this.#size > this.#memory ||
        this.#kept.size > this.#count;
      if (!isFull) return;
      this.#remove(id);
    }
  }

  #remove(id: string): void {
    const kept = this.#kept.get(id);
    if (kept === undefined) return;
    this.#kept.delete(id);
    this.#size -= kept.size;
    kept.record.drop();
  }
}
