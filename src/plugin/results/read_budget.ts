/*
 * The memory for content that hooks read. All plugins of a client share it: a
 * reader waits for room, and gives up after a while.
 */
import { PluginError } from "../api/errors.ts";

/** Bytes of content in memory at once, of all exchanges: as much as one hook may read. */
const TOTAL = 64 * 1024 * 1024;

/** How long a reader waits for room, in milliseconds: less than the time limit of a hook. */
const WAIT = 3_000;

/** What a budget is made of. The defaults are those of a client. */
export interface ReadBudgetOptions {
  /** In bytes. */
  readonly total?: number;
  /** In milliseconds. */
  readonly wait?: number;
  readonly metrics?: ReadBudgetObserver | undefined;
}

/** Counts the bytes that hooks keep in memory. */
export interface ReadBudgetObserver {
  /** The bytes that are kept now. */
  setReadBytes(bytes: number): void;
  /** A reader has waited in vain. */
  countReadRefused(): void;
}

interface Waiting {
  readonly bytes: number;
  readonly admit: () => void;
}

/** A number of bytes that readers share. */
export class ReadBudget {
  readonly #total: number;
  readonly #wait: number;
  readonly #metrics: ReadBudgetObserver | undefined;
  readonly #waiting = new Set<Waiting>();
  #used = 0;

  constructor(
    { total = TOTAL, wait = WAIT, metrics }: ReadBudgetOptions = {},
  ) {
    this.#total = total;
    this.#wait = wait;
    this.#metrics = metrics;
  }

  /** The share of one reader; empty at first. */
  share(): ReadShare {
    return new ReadShare(this);
  }

  /** The most that one reader can have. */
  get total(): number {
    return this.#total;
  }

  /**
   * Takes bytes, in turn.
   *
   * @throws {PluginError} `noRoom`, when there is no room for too long.
   */
  async take(bytes: number): Promise<void> {
    if (this.#waiting.size === 0 && this.#used + bytes <= this.#total) {
      return this.add(bytes);
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiting = { bytes, admit: resolve };
    this.#waiting.add(waiting);
    const timer = setTimeout(() => {
      if (!this.#waiting.delete(waiting)) return;
      this.#metrics?.countReadRefused();
      reject(
        new PluginError(
          "noRoom",
          `other plugins and requests keep ${this.#used} bytes of content ` +
            "in memory",
          { plugin: "" },
        ),
      );
    }, this.#wait);
    try {
      await promise;
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(waiting);
      this.#admit();
    }
  }

  /** Changes how much is used, whether there is room or not. */
  add(bytes: number): void {
    this.#used += bytes;
    this.#metrics?.setReadBytes(this.#used);
    if (bytes < 0) this.#admit();
  }

  #admit(): void {
    for (const waiting of this.#waiting) {
      if (this.#used + waiting.bytes > this.#total) return;
      this.#waiting.delete(waiting);
      this.add(waiting.bytes);
      waiting.admit();
    }
  }
}

/** What one reader has of a budget. Disposing gives it back. */
export class ReadShare implements Disposable {
  readonly #budget: ReadBudget;
  #bytes = 0;
  #isOver = false;

  constructor(budget: ReadBudget) {
    this.#budget = budget;
  }

  /** What it has now. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Makes it at least `bytes`. @throws {PluginError} `noRoom`. */
  async growTo(bytes: number): Promise<void> {
    const more = Math.min(bytes, this.#budget.total) - this.#bytes;
    if (more <= 0 || this.#isOver) return;
    await this.#budget.take(more);
    if (this.#isOver) this.#budget.add(-more);
    else this.#bytes += more;
  }

  /** Makes it `bytes`, at once: they are in memory already. */
  set(bytes: number): void {
    if (this.#isOver || bytes === this.#bytes) return;
    this.#budget.add(bytes - this.#bytes);
    this.#bytes = bytes;
  }

  [Symbol.dispose](): void {
    this.set(0);
    this.#isOver = true;
  }
}
