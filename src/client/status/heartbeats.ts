/** Whether the server's REST API takes the heartbeats of a client. The tunnel goes on without. */
import { logger } from "../../log/log.ts";

const log = logger("control");

/** Why heartbeats fail, and since when. */
export interface HeartbeatFailure {
  /** Milliseconds since 1970. */
  readonly since: number;
  /** What the last one failed with. */
  readonly cause: string;
}

/** Counts heartbeats. It logs the first failure of several, and the end of them. */
export class Heartbeats {
  #failures = 0;
  #lastSuccess: number | undefined;
  #failure: HeartbeatFailure | undefined;

  /** How many have failed. */
  get failures(): number {
    return this.#failures;
  }

  /** When the last one succeeded, in milliseconds since 1970; `undefined` before the first one. */
  get lastSuccess(): number | undefined {
    return this.#lastSuccess;
  }

  /** `undefined` while they succeed. */
  get failure(): HeartbeatFailure | undefined {
    return this.#failure;
  }

  /** One was taken. */
  succeed(): void {
    this.#lastSuccess = Date.now();
    if (this.#failure === undefined) return;
    const { since } = this.#failure;
    this.#failure = undefined;
    log.info("heartbeats succeed again", {
      since: new Date(since).toISOString(),
    });
  }

  fail(cause: unknown): void {
    this.#failures++;
    const text = cause instanceof Error ? cause.message : String(cause);
    if (this.#failure === undefined) {
      log.warn("heartbeat failed", { cause: String(cause) });
    }
    const { since = Date.now() } = this.#failure ?? {};
    this.#failure = { since, cause: text };
  }
}
