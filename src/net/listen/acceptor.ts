import type { Running } from "../../async/running.ts";
import { type Clock, systemClock } from "../../async/clock.ts";
import { sleep } from "../../async/timer.ts";
import {
  AcceptedConnection,
  type ListenerConn,
} from "./accepted_connection.ts";
import type { Address } from "../address/address.ts";
import { ConnectionLimits } from "./connection_limits.ts";
import { isOutOfFiles } from "./file_budget.ts";
import { takeProxyHeader } from "./take_proxy_header.ts";

/** How connections are served. Times are in milliseconds. */
export interface AcceptOptions {
  /**
   * Serves one connection; it may throw, and need not close the connection.
   * The signal is aborted when the listener stops: come to an end in order.
   */
  readonly serve: (
    conn: AcceptedConnection,
    signal: AbortSignal,
  ) => Promise<void>;
  /** Name of the port in metrics and log lines. Default `port`. */
  readonly port?: string | undefined;
  /** Counts the connections of all listeners that share it. Default: one of its own. */
  readonly limits?: ConnectionLimits | undefined;
  /**
   * How long a connection may be pending: for TLS, for a first request, and for
   * credentials that are right. Default 1 min: browsers take seconds.
   */
  readonly loginTimeout?: number | undefined;
  /**
   * How long a connection may be silent in both directions. Default 15 min:
   * no site waits longer, and a peer that has vanished holds nothing for longer.
   */
  readonly silenceTimeout?: number | undefined;
  /** How long connections may take to end when the listener is disposed. Default 30 s. */
  readonly shutdownTimeout?: number | undefined;
  /** Called with what went wrong with a connection, or with accepting one. */
  readonly onError?: (cause: unknown) => void;
  readonly clock?: Clock;
}

/** What accepts connections: a TCP port or a Unix socket. */
export type AnyListener = Deno.TcpListener | Deno.UnixListener;

/** The default of `loginTimeout`. */
export const LOGIN_TIMEOUT: number = 60_000;
/** The default of `silenceTimeout`. */
export const SILENCE_TIMEOUT: number = 15 * 60_000;
/** At the end, pending connections have this long for a login, in milliseconds. */
const PENDING_GRACE = 1_000;
/** After a failed accept wait this long, in milliseconds: it will not be better at once. */
const ACCEPT_PAUSE = 100;
/** A port that fails to accept does so again after every pause: without a failure for this long it works, in milliseconds. */
const TROUBLE_LIFETIME = 10 * ACCEPT_PAUSE;
/** Time limits are checked this many times while they last, and at least every {@linkcode MAX_CHECK_INTERVAL}. */
const CHECKS = 8;
const MAX_CHECK_INTERVAL = 5_000;

/** When a connection was last seen to send or take something. */
interface Activity {
  operations: number;
  at: number;
  readonly served: Promise<void>;
}

/** Serves every connection of a listener until it is disposed. */
export class Acceptor implements Running {
  readonly done: Promise<void>;
  /** Its address, with the real port when 0 was requested. */
  readonly address: Address;
  readonly #listener: AnyListener;
  readonly #options: AcceptOptions;
  readonly #port: string;
  readonly #limits: ConnectionLimits;
  readonly #clock: Clock;
  readonly #loginTimeout: number;
  readonly #silenceTimeout: number;
  readonly #stopping = new AbortController();
  readonly #open = new Map<AcceptedConnection, Activity>();
  #trouble: { readonly cause: unknown; readonly at: number } | undefined;
  /** The next look at the time limits, while there are connections. */
  #nextCheck: Disposable | undefined;

  constructor(listener: AnyListener, options: AcceptOptions) {
    this.#listener = listener;
    this.#options = options;
    this.#port = options.port ?? "port";
    this.#limits = options.limits ?? new ConnectionLimits();
    this.#clock = options.clock ?? systemClock;
    this.#loginTimeout = options.loginTimeout ?? LOGIN_TIMEOUT;
    this.#silenceTimeout = options.silenceTimeout ?? SILENCE_TIMEOUT;
    this.address = addressOf(listener.addr);
    this.done = this.#run();
  }

  /** How many connections are open. */
  get openConnections(): number {
    return this.#open.size;
  }

  /** Why it accepts no connections at the moment; `undefined` if it does, or is closing. */
  get trouble(): string | undefined {
    if (this.#trouble === undefined || this.#stopping.signal.aborted) {
      return undefined;
    }
    const { cause, at } = this.#trouble;
    if (this.#clock.now() - at >= TROUBLE_LIFETIME) return undefined;
    const reason = cause instanceof Error ? cause.message : String(cause);
    return `the ${this.#port} port accepts no connections: ${reason}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#stopping.signal.aborted) {
      this.#stopping.abort(
        new DOMException("The listener is closing", "AbortError"),
      );
      closeListener(this.#listener);
    }
    await this.done;
    const { shutdownTimeout = 30_000 } = this.#options;
    using _cut = this.#clock.timer(shutdownTimeout, () => this.#cut());
    using _early = this.#clock.timer(
      Math.min(PENDING_GRACE, shutdownTimeout),
      () => this.#cut(({ isAdmitted }) => !isAdmitted),
    );
    await Promise.all(this.#open.values().map(({ served }) => served));
    this.#nextCheck?.[Symbol.dispose]();
  }

  #cut(isCut: (conn: AcceptedConnection) => boolean = () => true): void {
    for (const conn of this.#open.keys()) if (isCut(conn)) conn.close();
  }

  async #run(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      try {
        this.#take(await this.#listener.accept());
      } catch (cause) {
        if (this.#stopping.signal.aborted) return;
        if (isOutOfFiles(cause)) this.#limits.outOfFiles();
        this.#options.onError?.(cause);
        // The peer left before it was accepted: go on with the others.
        if (isPeerGone(cause)) continue;
        // Files that are missing have a line of their own.
        if (this.trouble === undefined && !isOutOfFiles(cause)) {
          this.#limits.troubleOf(this.#port, cause);
        }
        this.#trouble = { cause, at: this.#clock.now() };
        await this.#pause();
      }
    }
  }

  #take(accepted: ListenerConn): void {
    const openedAt = this.#clock.now();
    const { remoteAddr } = accepted;
    const { trusted } = this.#limits;
    const conn = new AcceptedConnection(accepted, {
      port: this.#port,
      openedAt,
      isProxied: remoteAddr.transport === "tcp" &&
        trusted?.addresses.has(remoteAddr.hostname) === true,
    });
    if (!this.#limits.enter(conn)) return conn.close();
    // Serving may be over before it is noted here; finally() comes after.
    const served = this.#serve(conn).finally(() => {
      this.#open.delete(conn);
      this.#limits.leave(conn);
    });
    this.#open.set(conn, { operations: 0, at: openedAt, served });
    this.#nextCheck ??= this.#scheduleCheck();
  }

  async #serve(conn: AcceptedConnection): Promise<void> {
    const { trusted } = this.#limits;
    try {
      if (trusted !== undefined && !await takeProxyHeader(conn, trusted)) {
        return;
      }
      await this.#options.serve(conn, this.#stopping.signal);
    } catch (cause) {
      // `limits` reports the refused connections.
      if (!conn.isClosed) this.#options.onError?.(cause);
    } finally {
      conn.close();
    }
  }

  #scheduleCheck(): Disposable {
    const shortest = Math.min(this.#loginTimeout, this.#silenceTimeout);
    const interval = Math.min(MAX_CHECK_INTERVAL, shortest / CHECKS);
    return this.#clock.timer(interval, () => {
      this.#checkTimeLimits();
      this.#nextCheck = this.#open.size > 0 ? this.#scheduleCheck() : undefined;
    });
  }

  #checkTimeLimits(): void {
    const now = this.#clock.now();
    for (const [conn, activity] of this.#open) {
      if (conn.operations !== activity.operations) {
        activity.operations = conn.operations;
        activity.at = now;
      }
      // A proxy's connection has the requests of many, one after the other.
      const pendingSince = conn.isOfProxy ? activity.at : conn.openedAt;
      const isLate = !conn.isAdmitted &&
        now - pendingSince >= this.#loginTimeout;
      const isSilent = now - activity.at >= this.#silenceTimeout;
      if (conn.isClosed || !isLate && !isSilent) continue;
      conn.refuse(isLate ? "login_timeout" : "silent");
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

function closeListener(listener: AnyListener): void {
  try {
    listener.close();
  } catch (cause) {
    // It was dead already, which `trouble` has said.
    if (!(cause instanceof Deno.errors.BadResource)) throw cause;
  }
}

function isPeerGone(cause: unknown): boolean {
  return cause instanceof Deno.errors.ConnectionAborted ||
    cause instanceof Deno.errors.ConnectionReset;
}

function addressOf(addr: Deno.Addr): Address {
  if (addr.transport !== "tcp") return { hostname: "", port: 0 };
  return { hostname: addr.hostname, port: addr.port };
}
