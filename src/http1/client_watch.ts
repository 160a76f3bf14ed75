/**
 * Notices that a client goes away while its exchange is under way.
 *
 * @module
 */
import { Alarm } from "./alarm.ts";
import type { BufferedReader, ReadWatcher } from "./buffered_reader.ts";

/** Why an exchange is given up whose client ended its side long ago. */
const HALF_CLOSED = new DOMException(
  "The client has ended the connection",
  "AbortError",
);

/** What is watched for whom. */
export interface ClientWatchOptions {
  /** Of the connection; read by nobody else's watch meanwhile. */
  readonly reader: BufferedReader;
  /** How long a client that has ended its side may still get an answer, in milliseconds. */
  readonly halfCloseTimeout: number;
  /** Who makes the answer and can stop when there is nobody for it. */
  readonly exchange: { leave(cause: unknown): void };
}

/** Watches until it is disposed. */
export class ClientWatch implements ReadWatcher, Disposable {
  readonly #options: ClientWatchOptions;
  #alarm: Alarm | undefined;

  constructor(options: ClientWatchOptions) {
    this.#options = options;
    options.reader.watcher = this;
    this.onAhead();
  }

  onBreak(cause: unknown): void {
    this.#options.exchange.leave(cause);
  }

  onAhead(): void {
    const { reader, halfCloseTimeout, exchange } = this.#options;
    if (!reader.isOver) return;
    this.#alarm ??= new Alarm(() => exchange.leave(HALF_CLOSED));
    this.#alarm.set(halfCloseTimeout);
  }

  [Symbol.dispose](): void {
    this.#options.reader.watcher = undefined;
    this.#alarm?.[Symbol.dispose]();
  }
}
