// A tunnel on the server: its record, and the sessions in this event loop that
// carry exchanges to the client.
import type {
  OrganizationTally,
  SessionLoss,
} from "../../metrics/organization_tallies.ts";
import type { RateLimits } from "../../net/stream/rate_limit.ts";
import type { TunnelSession } from "../../tunnel/session.ts";
import {
  LocalSessions,
  type LocalSessionsOptions,
  MAX_SESSIONS,
} from "./local_sessions.ts";
import type { RecentFailures } from "./recent/recent_failures.ts";
import type { RecentRequests } from "./recent/recent_requests.ts";
import type { RunningJobs } from "./running_jobs.ts";
import {
  ServerTunnelRecord,
  type StopCause,
  type TunnelRecordOptions,
  type TunnelSpec,
} from "./tunnel_record.ts";

export { MAX_SESSIONS } from "./local_sessions.ts";
export type { StopCause, TunnelSpec } from "./tunnel_record.ts";

/** What can happen to a tunnel. */
export type TunnelChangeKind =
  | "created"
  | "attached"
  | "detached"
  | "stopping"
  | "terminated"
  | "removed";

/** What the registry that makes a tunnel passes to it. */
export interface TunnelOptions
  extends TunnelRecordOptions, LocalSessionsOptions {
  /** Called after every change but `created` and `removed`, which are the registry's own. */
  readonly onChange: (kind: TunnelChangeKind) => void;
}

/** A tunnel refuses a session. */
export class TunnelClosedError extends Error {
  override readonly name = "TunnelClosedError";
  /** `ended`: for ever; `full`: until another session has gone. */
  readonly code: "ended" | "full";

  constructor(code: "ended" | "full", message: string) {
    super(message);
    this.code = code;
  }
}

/** A tunnel on this server. */
export class Tunnel extends ServerTunnelRecord {
  /** Resolves when the tunnel has become `terminated`. */
  readonly terminated: Promise<void>;
  /** What this event loop holds of it. */
  readonly local: LocalSessions;
  readonly #onChange: TunnelOptions["onChange"];
  readonly #ended = Promise.withResolvers<void>();

  constructor(spec: TunnelSpec, options: TunnelOptions) {
    super(spec, options);
    this.terminated = this.#ended.promise;
    this.local = new LocalSessions(options);
    this.#onChange = options.onChange;
  }

  /** Whether it accepts exchanges: it has a session and is not stopping. */
  get isReady(): boolean {
    return this.sessions.length > 0 && !this.isStopping;
  }

  /** The sessions attached now, oldest first. */
  get sessions(): readonly TunnelSession[] {
    return this.local.list;
  }

  /** The jobs with running exchanges. */
  get jobs(): RunningJobs {
    return this.local.jobs;
  }

  /** Its latest failed exchanges. */
  get failures(): RecentFailures {
    return this.local.failures;
  }

  /** Its latest requests in this event loop, if they are kept. */
  get requests(): RecentRequests | undefined {
    return this.local.requests;
  }

  /** What its organization does is counted here. */
  get tally(): OrganizationTally {
    return this.local.tally;
  }

  /** Rate limits that its exchanges share, if there are any. */
  get rates(): RateLimits | undefined {
    return this.local.rates;
  }

  /** Why the session that ended last was lost; `undefined` if it was closed. */
  get lastLoss(): SessionLoss | undefined {
    return this.local.lastLoss;
  }

  /** Number of running exchanges. */
  get openExchanges(): number {
    return this.local.openExchanges;
  }

  /** Whether it runs as many exchanges as it may. */
  get isFull(): boolean {
    return this.local.isFull;
  }

  /** Number of running exchanges without a job. */
  get otherExchanges(): number {
    return this.local.otherExchanges;
  }

  /** Number of running jobs; an exchange without one counts as a job of its own. */
  get jobsRunning(): number {
    return this.local.jobsRunning;
  }

  /**
   * Adds a session, and removes it when it is done.
   *
   * @throws {TunnelClosedError} When the tunnel is stopping, has ended, or is full.
   */
  attach(session: TunnelSession): void {
    if (this.isStopping) {
      throw new TunnelClosedError(
        "ended",
        `Cannot join tunnel "${this.name}": it was stopped, start a new one`,
      );
    }
    if (this.sessions.length >= MAX_SESSIONS) {
      throw new TunnelClosedError(
        "full",
        `Cannot join tunnel "${this.name}": it has ${MAX_SESSIONS} sessions, use fewer`,
      );
    }
    this.local.attach(session, {
      isOver: () => this.isStopping,
      onGone: () => {
        if (this.shutdownAt === undefined) this.#onChange("detached");
      },
    });
    this.markLaunched();
    this.#onChange("attached");
  }

  /** The session for a new exchange; `undefined` if there is none. */
  pickSession(): TunnelSession | undefined {
    return this.isStopping ? undefined : this.local.pick();
  }

  /** Refuses new exchanges and sessions from now on. The first cause is kept. */
  beginStop(cause: StopCause): void {
    if (this.noteStop(cause)) this.#onChange("stopping");
  }

  /** Marks it as ended, after its sessions were closed. @throws {TypeError} When it is not stopping. */
  markTerminated(): void {
    if (!this.noteEnd()) return;
    this.#onChange("terminated");
    this.#ended.resolve();
  }
}
