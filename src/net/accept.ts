/**
 * Accepting connections: a listener, what it has accepted, and an orderly end.
 *
 * @module
 */
import type { Running } from "../async/running.ts";
import { sleep, timer } from "../async/timer.ts";
import type { Address } from "./address.ts";
import { closeQuietly } from "./byte_stream.ts";

/** How connections are served. */
export interface AcceptOptions {
  /**
   * Serves one connection; it may throw, and need not close the connection.
   * The signal is aborted when the listener stops: come to an end in order.
   */
  readonly serve: (conn: Deno.Conn, signal: AbortSignal) => Promise<void>;
  /** A connection over this number is closed at once, so that one peer cannot use up all files. */
  readonly maxConnections?: number;
  /** How long connections may take to end when the listener is disposed, in milliseconds. */
  readonly shutdownTimeout?: number;
  /** Told what went wrong with a connection, or with accepting one. */
  readonly onError?: (cause: unknown) => void;
}

/** What accepts connections: a port, plain or TLS, or a Unix socket. */
export type AnyListener =
  | Deno.Listener<Deno.TcpConn | Deno.TlsConn>
  | Deno.UnixListener;

type AnyConn = Deno.TcpConn | Deno.TlsConn | Deno.UnixConn;

/** After a failed accept (no file handles left) wait this long: it will not be better at once. */
const ACCEPT_PAUSE = 100;

/** Serves every connection of a listener until it is disposed. */
export class Acceptor implements Running {
  readonly done: Promise<void>;
  /** Where it listens; the port is the real one when 0 was asked for. */
  readonly address: Address;
  readonly #listener: AnyListener;
  readonly #options: AcceptOptions;
  readonly #stopping = new AbortController();
  readonly #open = new Map<Deno.Conn, Promise<void>>();

  constructor(listener: AnyListener, options: AcceptOptions) {
    this.#listener = listener;
    this.#options = options;
    this.address = addressOf(listener.addr);
    this.done = this.#run();
  }

  /** How many connections are open. */
  get openConnections(): number {
    return this.#open.size;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#stopping.signal.aborted) {
      this.#stopping.abort(
        new DOMException("The listener is closing", "AbortError"),
      );
      this.#listener.close();
    }
    await this.done;
    using _cut = timer(this.#options.shutdownTimeout ?? 30_000, () => {
      for (const conn of this.#open.keys()) closeQuietly(conn);
    });
    await Promise.all(this.#open.values());
  }

  async #run(): Promise<void> {
    const { maxConnections = 10_000, onError } = this.#options;
    while (!this.#stopping.signal.aborted) {
      try {
        const conn = await this.#listener.accept();
        if (this.#open.size >= maxConnections) conn.close();
        else this.#take(conn);
      } catch (cause) {
        if (this.#stopping.signal.aborted) return;
        onError?.(cause);
        await this.#pause();
      }
    }
  }

  #take(conn: AnyConn): void {
    // Serving may be over before it is noted here; finally() comes after.
    const served = this.#serve(conn).finally(() => this.#open.delete(conn));
    this.#open.set(conn, served);
  }

  async #serve(conn: AnyConn): Promise<void> {
    try {
      if ("setNoDelay" in conn) conn.setNoDelay(true);
      await this.#options.serve(conn, this.#stopping.signal);
    } catch (cause) {
      this.#options.onError?.(cause);
    } finally {
      closeQuietly(conn);
    }
  }

  async #pause(): Promise<void> {
    try {
      await sleep(ACCEPT_PAUSE, this.#stopping.signal);
    } catch {
      // Stopping: the loop sees it.
    }
  }
}

function addressOf(addr: Deno.Addr): Address {
  if (addr.transport !== "tcp") return { hostname: "", port: 0 };
  return { hostname: addr.hostname, port: addr.port };
}
