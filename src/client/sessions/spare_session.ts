import { Backoff } from "../../async/backoff.ts";
import type { Http2Connection } from "../../http2/api.ts";

/** Options of {@linkcode SpareSession}. */
export interface SpareSessionOptions {
  /** Opens a session. */
  readonly open: () => Promise<Http2Connection>;
  /** Called with what an attempt failed with. */
  readonly onFailure: (cause: unknown) => void;
  /** Longest pause between attempts, in milliseconds. */
  readonly maxPause: number;
  /** Milliseconds of a monotonic clock. */
  readonly now: () => number;
}

/**
 * One session more, opened while the others may be dead: requests pass again
 * before that is certain. The first place that loses its session takes it. If
 * the others were only slow, it ends.
 */
export class SpareSession implements AsyncDisposable {
  readonly #options: SpareSessionOptions;
  readonly #backoff: Backoff;
  /** The session, being opened or open; it is `undefined` when that failed. */
  #session: Promise<Http2Connection | undefined> | undefined;
  #connection: Http2Connection | undefined;
  /** Sessions that were not needed and finish their requests. */
  readonly #released = new Set<Http2Connection>();
  #mayOpenAt = -Infinity;

  constructor(options: SpareSessionOptions) {
    this.#options = options;
    this.#backoff = new Backoff({ max: options.maxPause });
  }

  /** The session if it is open and nobody has taken it. */
  get connection(): Http2Connection | undefined {
    return this.#connection;
  }

  /** Begins to open it, unless it is there or an attempt has just failed. */
  open(): void {
    const { now } = this.#options;
    if (this.#session !== undefined || now() < this.#mayOpenAt) return;
    this.#mayOpenAt = now() + this.#backoff.next();
    const session = this.#attempt();
    this.#session = session;
    void this.#keep(session);
  }

  /** Takes the session, waiting for it while it is being opened; `undefined` if there is none. */
  async take(): Promise<Http2Connection | undefined> {
    const session = this.#session;
    this.#session = undefined;
    this.#connection = undefined;
    return await session;
  }

  /** Ends it when its requests have ended: the other sessions are alive. */
  async release(): Promise<void> {
    this.#backoff.reset();
    const session = await this.take();
    if (session === undefined) return;
    this.#released.add(session);
    await session.drain().catch(() => {});
    this.#released.delete(session);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const session = await this.take();
    if (session !== undefined) this.#released.add(session);
    await Promise.allSettled(
      [...this.#released].map((each) => each[Symbol.asyncDispose]()),
    );
  }

  async #attempt(): Promise<Http2Connection | undefined> {
    try {
      return await this.#options.open();
    } catch (cause) {
      this.#options.onFailure(cause);
      return undefined;
    }
  }

  /** Forgets the session when it ends and nobody has taken it. */
  async #keep(session: Promise<Http2Connection | undefined>): Promise<void> {
    const connection = await session;
    if (this.#session === session) this.#connection = connection;
    await connection?.done.catch(() => {});
    if (this.#session === session) await this.take();
  }
}
