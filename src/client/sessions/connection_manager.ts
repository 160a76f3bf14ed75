/**
 * Keeps N sessions to the tunnel server open: dials them, serves them, and
 * replaces a lost one.
 *
 * While none is open, one place dials alone: a server that refuses, or is not
 * there, gets one request, not N. The others follow at once. While all that are
 * open are silent, a spare one is opened: they may be dead, and it takes
 * seconds to be sure.
 */
import { abortable } from "../../async/abortable.ts";
import { Backoff } from "../../async/backoff.ts";
import type { Running } from "../../async/running.ts";
import { sleep } from "../../async/timer.ts";
import type { Http2Connection } from "../../http2/api.ts";
import { errorCodeName, Http2Error } from "../../http2/errors.ts";
import type { Address } from "../../net/address/address.ts";
import { DialError } from "../../net/dial_error.ts";
import { TunnelError } from "../../tunnel/errors.ts";
import { OutageLog } from "./outage_log.ts";
import { SILENCE_LIMITS } from "../../tunnel/silence.ts";
import type { OpenSession } from "./session_opener.ts";
import { SilenceWatch } from "./silence_watch.ts";
import { SpareSession } from "./spare_session.ts";

/** Options of {@linkcode ConnectionManager}. */
export interface ConnectionManagerOptions {
  /** Number of sessions to keep open. */
  readonly size: number;
  /** Address of the tunnel server, for log lines. */
  readonly address: Address;
  /** Dials, upgrades and serves one session. */
  readonly open: OpenSession;
  /** Milliseconds of silence after which a session may be dead. Default 2,000. */
  readonly overdueAfter?: number | undefined;
  /** Called when the number of open sessions has changed. */
  readonly onChange: (active: number) => void;
  /** Called when the server no longer accepts sessions of this tunnel. */
  readonly onRefused: (cause: TunnelError) => void;
  /** Milliseconds of a monotonic clock. Default: the machine's. */
  readonly now?: () => number;
  /** Waits between attempts; may reject when `signal` is aborted. Default: so many milliseconds. */
  readonly pause?: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** Why a session was lost, or could not be opened. */
export interface SessionFailure {
  readonly text: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** One open session as the status API shows it. */
export interface SessionSlot {
  /** 1 to N; a replacement keeps the number. */
  readonly number: number;
  /** When it was opened, in milliseconds since 1970. */
  readonly openedAt: number;
  /** Its HTTP/2 connection. */
  readonly connection: Http2Connection;
}

/** After a session that lasted this long, the first pause is the shortest again, in milliseconds. */
const STABLE_AFTER = 10_000;

/** Longest pause between attempts, in milliseconds: a restarted server is found within 5 s. */
const MAX_PAUSE = 4_000;
/** Shortest pause, after an attempt that took longer than the pause would. */
const MIN_PAUSE = 100;

/** Keeps the sessions of one tunnel open until it is disposed. */
export class ConnectionManager implements Running {
  readonly done: Promise<void>;
  readonly #options: ConnectionManagerOptions;
  readonly #stopping = new AbortController();
  readonly #now: () => number;
  readonly #spare: SpareSession;
  readonly #watch: SilenceWatch;
  /** The place that dials alone while no session is open. */
  #pioneer: number | undefined;
  /** Resolves when a session is open again. */
  #reopened = Promise.withResolvers<void>();
  readonly #open = new Map<number, SessionSlot>();
  readonly #first = Promise.withResolvers<void>();
  readonly #reconnects = new Map<string, number>();
  readonly #failures = new Map<string, number>();
  readonly #log: OutageLog;
  #lastFailure: SessionFailure | undefined;

  constructor(options: ConnectionManagerOptions) {
    const { now = () => performance.now() } = options;
    this.#options = options;
    this.#log = new OutageLog(options.size, options.address);
    this.#now = now;
    this.#spare = new SpareSession({
      open: () => this.#dial(),
      onFailure: (cause) => this.#onFailure(cause),
      maxPause: MAX_PAUSE,
      now,
    });
    this.#watch = new SilenceWatch({
      overdueAfter: options.overdueAfter ?? SILENCE_LIMITS.overdueAfter,
      sessions: () => this.sessions.map(({ connection }) => connection),
      onAllSilent: () => this.#spare.open(),
      onHeard: () => void this.#spare.release(),
    });
    this.#first.promise.catch(() => {});
    this.done = this.#run();
  }

  /** Resolves with the first session; rejects when the server refuses or it is disposed before. */
  get connected(): Promise<void> {
    return this.#first.promise;
  }

  /** The sessions that are open now. */
  get sessions(): readonly SessionSlot[] {
    return [...this.#open.values()];
  }

  /** Whether any request is in progress. */
  get isBusy(): boolean {
    return [...this.#connections()].some(({ openStreams }) => openStreams > 0);
  }

  /** How often a lost session was replaced. */
  get reconnects(): number {
    return this.#reconnects.values().reduce((sum, count) => sum + count, 0);
  }

  /** The same by the error code that ended the session: a handful of codes. */
  get reconnectReasons(): ReadonlyMap<string, number> {
    return this.#reconnects;
  }

  /** How often a session could not be opened, by code of the failure. */
  get failureTypes(): ReadonlyMap<string, number> {
    return this.#failures;
  }

  /** The last failure; `undefined` when there was none. */
  get lastError(): string | undefined {
    return this.lastFailure?.text;
  }

  /** The same, with its time. */
  get lastFailure(): SessionFailure | undefined {
    return this.#lastFailure;
  }

  /** Opens no more sessions; the open ones stay until they end. */
  stopReconnecting(): void {
    this.#stopping.abort();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    this.#watch[Symbol.dispose]();
    this.#first.reject(new TunnelError("lost", "The client is stopping"));
    await Promise.allSettled([
      ...this.sessions.map(({ connection }) =>
        connection[Symbol.asyncDispose]()
      ),
      this.#spare[Symbol.asyncDispose](),
    ]);
    await this.done;
  }

  async #run(): Promise<void> {
    const places = Array.from(
      { length: this.#options.size },
      (_, at) => this.#keep(at + 1),
    );
    await Promise.all(places);
  }

  async #keep(number: number): Promise<void> {
    const backoff = new Backoff({ max: MAX_PAUSE });
    const { pause: wait = sleep } = this.#options;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      await this.#waitForPioneer(number);
      if (signal.aborted) return;
      const startedAt = this.#now();
      const failure = await this.#attempt(number);
      if (signal.aborted) return;
      const lasted = this.#now() - startedAt;
      if (failure.opened && lasted >= STABLE_AFTER) backoff.reset();
      const next = backoff.next();
      // A server that does not respond has had its pause.
      const pause = failure.opened
        ? next
        : Math.round(Math.max(MIN_PAUSE, next - lasted));
      this.#lastFailure = { text: failure.reason, at: Date.now() };
      this.#report(failure, pause);
      await wait(pause, signal).catch(() => {});
    }
  }

  /** Waits while no session is open and another place dials. */
  async #waitForPioneer(number: number): Promise<void> {
    const { signal } = this.#stopping;
    while (this.#open.size === 0 && !signal.aborted) {
      this.#pioneer ??= number;
      if (this.#pioneer === number) return;
      await abortable(this.#reopened.promise, signal).catch(() => {});
    }
  }

  /** Opens a session and serves it to its end. Returns why it ended. */
  async #attempt(number: number): Promise<Failure> {
    try {
      const connection = await this.#spare.take() ?? await this.#dial();
      return { opened: true, ...await this.#serve(number, connection) };
    } catch (cause) {
      this.#onFailure(cause);
      return { opened: false, ...endOf(cause) };
    }
  }

  #dial(): Promise<Http2Connection> {
    this.#log.connecting();
    return this.#options.open(
      this.#stopping.signal,
      () => this.#connections(),
    );
  }

  /** All sessions of the tunnel. */
  *#connections(): Iterable<Http2Connection> {
    for (const { connection } of this.#open.values()) yield connection;
    if (this.#spare.connection !== undefined) yield this.#spare.connection;
  }

  #onFailure(cause: unknown): void {
    if (cause instanceof TunnelError && !cause.retryable) {
      this.#onRefused(cause);
    }
  }

  async #serve(number: number, connection: Http2Connection): Promise<End> {
    this.#open.set(number, { number, openedAt: Date.now(), connection });
    if (this.#stopping.signal.aborted) {
      void connection[Symbol.asyncDispose]();
    } else {
      this.#onOpened();
    }
    try {
      await connection.done;
      return { reason: "closed by the server", code: "closed" };
    } catch (cause) {
      return endOf(cause);
    } finally {
      this.#open.delete(number);
      this.#options.onChange(this.#open.size);
    }
  }

  #onOpened(): void {
    this.#log.opened(this.#open.size);
    this.#first.resolve();
    this.#pioneer = undefined;
    this.#reopened.resolve();
    this.#reopened = Promise.withResolvers();
    this.#options.onChange(this.#open.size);
  }

  #report({ opened, reason, code }: Failure, pause: number): void {
    const backoff = `${pause}ms`;
    const counts = opened ? this.#reconnects : this.#failures;
    counts.set(code, (counts.get(code) ?? 0) + 1);
    if (opened) this.#log.lost(this.#open.size, { reason, backoff });
    else this.#log.failed({ backoff, error: reason });
  }

  #onRefused(cause: TunnelError): void {
    if (this.#stopping.signal.aborted) return;
    this.#stopping.abort();
    this.#lastFailure = { text: cause.message, at: Date.now() };
    this.#first.reject(cause);
    this.#options.onRefused(cause);
  }
}

/** The last code of RFC 9113 §7; a higher one counts as "other". */
const LAST_CODE = 0xd;

/** Why a session ended, or was not opened. */
interface Failure extends End {
  readonly opened: boolean;
}

interface End {
  readonly reason: string;
  /** An error code of ours, for the counters. */
  readonly code: string;
}

function endOf(cause: unknown): End {
  const reason = cause instanceof Error ? cause.message : String(cause);
  if (cause instanceof TunnelError || cause instanceof DialError) {
    return { reason, code: cause.code };
  }
  const isOfHttp2 = cause instanceof Http2Error && cause.code <= LAST_CODE;
  return { reason, code: isOfHttp2 ? errorCodeName(cause.code) : "other" };
}
