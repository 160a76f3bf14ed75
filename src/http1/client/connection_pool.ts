/**
 * Connections to origins that wait for their next request.
 *
 * @module
 */
import type { ByteStream } from "../../net/byte_stream.ts";
import { ResettableTimer } from "../resettable_timer.ts";
import type { ReadWatcher } from "../parse/buffered_reader.ts";
import { Http1Connection } from "./connection.ts";

/** How many connections wait, and how long. */
export interface ConnectionPoolOptions {
  /** Waiting connections with one key; 512, as much as one test run opens at once. */
  readonly maxIdlePerKey?: number;
  /** Waiting connections in all; 2048, well below the usual limit of open files. */
  readonly maxIdle?: number;
  /** How long one waits before it is closed, in milliseconds; 90 s, most origins wait less. */
  readonly idleTimeout?: number;
}

/** How a connection is chosen. */
export interface AcquireOptions {
  /** Dials even when a connection waits: to send again what failed on one that had. */
  readonly fresh?: boolean;
}

/** A connection on loan. */
export interface PooledConnection {
  readonly connection: Http1Connection;
  /** Whether it has carried an exchange before, so that it may be stale. */
  readonly reused: boolean;
  /** Gives it back, or closes it when it cannot be used again. Only the first call counts. */
  release(reusable: boolean): void;
}

/** A connection that waits: whatever comes while nothing was asked, the end included, ends it. */
class IdleConnection implements ReadWatcher {
  readonly key: string;
  readonly connection: Http1Connection;
  /** When it is to be closed, in milliseconds since 1970. */
  readonly due: number;
  readonly #drop: (idle: IdleConnection) => void;

  constructor(
    { key, connection, due }: Pick<
      IdleConnection,
      "key" | "connection" | "due"
    >,
    drop: (idle: IdleConnection) => void,
  ) {
    this.key = key;
    this.connection = connection;
    this.due = due;
    this.#drop = drop;
  }

  onBreak(): void {
    // `onReadAhead` comes next.
  }

  onReadAhead(): void {
    this.#drop(this);
  }
}

/**
 * Keeps connections by key and gives the one used last, so that the others grow
 * old and go. One that the origin ends while it waits is dropped at once.
 */
export class ConnectionPool implements AsyncDisposable {
  readonly #maxIdlePerKey: number;
  readonly #maxIdle: number;
  readonly #idleTimeout: number;
  readonly #idle = new Map<string, IdleConnection[]>();
  readonly #timer: ResettableTimer = new ResettableTimer(() => this.#expire());
  #idleCount = 0;
  #isClosed = false;

  constructor(
    { maxIdlePerKey = 512, maxIdle = 2048, idleTimeout = 90_000 }:
      ConnectionPoolOptions = {},
  ) {
    this.#maxIdlePerKey = maxIdlePerKey;
    this.#maxIdle = maxIdle;
    this.#idleTimeout = idleTimeout;
  }

  /** How many connections wait. */
  get idleCount(): number {
    return this.#idleCount;
  }

  /**
   * A connection for `key`: one that waits, or a new one.
   *
   * @param key Everything that makes two connections different: scheme, host, port, way.
   * @throws What `dial` throws.
   */
  async acquire(
    key: string,
    dial: () => Promise<ByteStream>,
    { fresh = false }: AcquireOptions = {},
  ): Promise<PooledConnection> {
    const waiting = fresh ? undefined : this.#take(key);
    const connection = waiting ?? new Http1Connection(await dial());
    let isReleased = false;
    return {
      connection,
      reused: waiting !== undefined,
      release: (reusable) => {
        if (isReleased) return;
        isReleased = true;
        if (reusable) this.#keep(key, connection);
        else connection.close();
      },
    };
  }

  /** Closes the connections that wait; those on loan are closed when they come back. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    this.#timer[Symbol.dispose]();
    const closed = [...this.#idle.values()].flat();
    for (const idle of closed) this.#drop(idle);
    await Promise.all(
      closed.map(({ connection }) => connection.reader.settled()),
    );
  }

  #take(key: string): Http1Connection | undefined {
    const waiting = this.#idle.get(key);
    const last = waiting?.pop();
    if (waiting === undefined || last === undefined) return undefined;
    if (waiting.length === 0) this.#idle.delete(key);
    this.#idleCount--;
    last.connection.reader.watcher = undefined;
    return last.connection;
  }

  #keep(key: string, connection: Http1Connection): void {
    const waiting = this.#idle.get(key) ?? [];
    const isFull = waiting.length >= this.#maxIdlePerKey ||
      this.#idleCount >= this.#maxIdle;
    if (this.#isClosed || isFull || connection.reader.isOver) {
      return connection.close();
    }
    const due = Date.now() + this.#idleTimeout;
    const idle = new IdleConnection({ key, connection, due }, this.#drop);
    waiting.push(idle);
    this.#idle.set(key, waiting);
    if (this.#idleCount++ === 0) this.#timer.set(this.#idleTimeout);
    connection.reader.watcher = idle;
    connection.reader.readAhead();
  }

  /** Closes a connection that waits. */
  readonly #drop = (idle: IdleConnection): void => {
    const waiting = this.#idle.get(idle.key);
    const at = waiting?.indexOf(idle) ?? -1;
    if (waiting === undefined || at < 0) return;
    waiting.splice(at, 1);
    if (waiting.length === 0) this.#idle.delete(idle.key);
    this.#idleCount--;
    idle.connection.reader.watcher = undefined;
    idle.connection.close();
  };

  #expire(): void {
    const now = Date.now();
    let next = Infinity;
    for (const waiting of [...this.#idle.values()]) {
      for (const idle of waiting.filter(({ due }) => due <= now)) {
        this.#drop(idle);
      }
      // The first one has waited longest.
      next = Math.min(next, waiting[0]?.due ?? Infinity);
    }
    if (next < Infinity) this.#timer.set(next - now);
  }
}
