import type { ByteStream } from "../../net/stream/byte_stream.ts";
import type { ReadWatcher } from "../parse/buffered_reader.ts";
import { ResettableTimer } from "../resettable_timer.ts";
import { Http1Connection } from "./connection.ts";

/** Limits of the pool. */
export interface ConnectionPoolOptions {
  /** Idle connections with one key. Default 512: as many as one test run opens at once. */
  readonly maxIdlePerKey?: number;
  /** Idle connections in all. Default 2048: well below the usual limit of open files. */
  readonly maxIdle?: number;
  /** How long a connection stays idle before it is closed, in milliseconds. Default 90 s: most origins wait less. */
  readonly idleTimeout?: number;
}

/** A connection taken from the pool. */
export interface PooledConnection {
  readonly connection: Http1Connection;
  /** Whether it has served an exchange before, so that it may be stale. */
  readonly reused: boolean;
  /** Returns it to the pool, or closes it when it cannot be reused. Only the first call counts. */
  release(reusable: boolean): void;
}

/** An idle connection. Anything that comes on it without a request, even its end, ends it. */
class IdleConnection implements ReadWatcher {
  readonly key: string;
  readonly connection: Http1Connection;
  /** When to close it, in milliseconds since 1970. */
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
    // `onReadAhead` is called afterwards.
  }

  onReadAhead(): void {
    this.#drop(this);
  }
}

/**
 * Keeps idle connections by key. The latest is reused first, so that the others
 * grow old and are closed. One that the origin ends is dropped at once.
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

  /** How many connections are idle. */
  get idleCount(): number {
    return this.#idleCount;
  }

  /**
   * An idle connection for `key`, if there is one.
   *
   * @param key All that distinguishes two connections: scheme, host, port,
   * route.
   */
  take(key: string): PooledConnection | undefined {
    const waiting = this.#take(key);
    return waiting && this.#pooled(key, waiting, true);
  }

  /** A new connection for `key`: it is in use until it is released. */
  add(key: string, stream: ByteStream): PooledConnection {
    return this.#pooled(key, new Http1Connection(stream), false);
  }

  #pooled(
    key: string,
    connection: Http1Connection,
    reused: boolean,
  ): PooledConnection {
    let isReleased = false;
    return {
      connection,
      reused,
      release: (reusable) => {
        if (isReleased) return;
        isReleased = true;
        if (reusable) this.#keep(key, connection);
        else connection.close();
      },
    };
  }

  /** Closes the idle connections. Those in use are closed when they are released. */
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

  /** Closes an idle connection. */
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
      // The first one is the oldest.
      next = Math.min(next, waiting[0]?.due ?? Infinity);
    }
    if (next < Infinity) this.#timer.set(next - now);
  }
}
