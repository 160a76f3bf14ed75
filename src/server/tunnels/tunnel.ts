/**
 * One client's place on the server: who owns it, what state it is in, and the
 * sessions through which exchanges reach the client.
 *
 * ```text
 *   new ──first session──▶ running ──sessions gone, or stopped──▶ terminated
 *    └──────────────never connected, or stopped──────────────────────▲
 * ```
 *
 * Between being asked to stop and `terminated` a tunnel is *stopping*: running
 * exchanges finish, new ones and new sessions are refused. A tunnel decides
 * nothing by itself; `TunnelController` does.
 *
 * @module
 */
import type { DomainRules } from "../../api/resources/domain_rules.ts";
import type { StoredSpec } from "../../api/resources/stored_tunnel.ts";
import type {
  Sharing,
  TunnelMetadata,
  TunnelStatus,
} from "../../api/resources/tunnel_resource.ts";
import type { TunnelSession } from "../../tunnel/session.ts";
import type { RateLimits } from "../../net/stream/rate_limit.ts";
import { RecentFailures } from "./recent_failures.ts";
import { RunningJobs } from "./running_jobs.ts";
import { pickSession } from "./pick_session.ts";
import type { SecretHash } from "../accounts/secret.ts";
import {
  DEFAULT_LIMITS,
  rateLimitsOf,
  type TunnelLimits,
} from "./tunnel_limits.ts";

/** Most sessions of one tunnel; clients open 16 unless told otherwise. */
export const MAX_SESSIONS = 128;

/** What a tunnel is created with: as it is stored, or less. */
export type TunnelSpec =
  & Pick<StoredSpec, "owner" | "name">
  & Partial<StoredSpec>;

/** Why a tunnel stops. */
export interface StopCause {
  /** A word or sentence for people: `sigterm`, `replaced`, `serverTimeout` … */
  readonly reason: string;
  /** Whether its owner asked for it. */
  readonly byUser: boolean;
}

/** What can happen to a tunnel. */
export type TunnelChangeKind =
  | "created"
  | "attached"
  | "detached"
  | "stopping"
  | "terminated"
  | "removed";

/** What the registry that makes a tunnel passes to it. */
export interface TunnelOptions {
  /** 32 hexadecimal digits. */
  readonly id: string;
  /** Hash of the secret that admits sessions. */
  readonly tokenHash: SecretHash;
  /** Hash of the secret that admits browsers. */
  readonly passwordHash: SecretHash;
  /** When it was made and first had a session, if that was before the server started. */
  readonly before?: Pick<Tunnel, "createdAt" | "launchedAt"> | undefined;
  /** Its limits; the usual ones by default. */
  readonly limits?: TunnelLimits | undefined;
  /** Milliseconds since 1970. */
  readonly now: () => number;
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
export class Tunnel {
  /** 32 hexadecimal digits. */
  readonly id: string;
  readonly owner: string;
  readonly name: string;
  readonly pool: boolean;
  readonly shared: Sharing;
  readonly metadata: TunnelMetadata;
  readonly rules: DomainRules;
  /** Whether it wants a port where browsers need no credentials. */
  readonly wantsPort: boolean;
  /** The id of the access key that it was started with. */
  readonly keyId: string | undefined;
  /** Milliseconds since 1970, as all its times. */
  readonly createdAt: number;
  /** Resolves when the tunnel has become `terminated`. */
  readonly terminated: Promise<void>;

  /** Of what admits sessions. */
  readonly tokenHash: SecretHash;
  /** Of what admits browsers. */
  readonly passwordHash: SecretHash;
  /** The jobs whose exchanges are under way. */
  readonly jobs: RunningJobs;
  /** Its last exchanges that failed. */
  readonly failures: RecentFailures;
  /** What all its exchanges share, if their rate is limited. */
  readonly rates: RateLimits | undefined;

  readonly #options: TunnelOptions;
  readonly #maxExchanges: number;
  readonly #ended = Promise.withResolvers<void>();
  #sessions: readonly TunnelSession[] = [];
  #launchedAt: number | undefined;
  #lastConnectedAt: number | undefined;
  #stopCause: StopCause | undefined;
  #shutdownAt: number | undefined;
  #drainUntil: number | undefined;
  #port: number | undefined;

  constructor(spec: TunnelSpec, options: TunnelOptions) {
    this.id = options.id;
    this.owner = spec.owner;
    this.name = spec.name;
    this.pool = spec.pool ?? false;
    this.shared = spec.shared ?? "";
    this.metadata = spec.metadata ?? {};
    this.rules = spec.rules ?? {};
    this.wantsPort = spec.wantsPort ?? false;
    this.keyId = spec.keyId;
    this.createdAt = options.before?.createdAt ?? options.now();
    this.#launchedAt = options.before?.launchedAt;
    this.terminated = this.#ended.promise;
    this.#options = options;
    this.tokenHash = options.tokenHash;
    this.passwordHash = options.passwordHash;
    this.jobs = new RunningJobs(options.now);
    this.failures = new RecentFailures(options.now);
    this.#maxExchanges = (options.limits ?? DEFAULT_LIMITS).maxExchanges;
    this.rates = rateLimitsOf(options.limits ?? DEFAULT_LIMITS);
  }

  /** Where it is in its life; a stopping tunnel is still `new` or `running`. */
  get status(): TunnelStatus {
    if (this.#shutdownAt !== undefined) return "terminated";
    return this.#launchedAt === undefined ? "new" : "running";
  }

  /** Whether it was asked to stop (and has perhaps already ended). */
  get isStopping(): boolean {
    return this.#stopCause !== undefined;
  }

  /** Whether it takes exchanges: a session is attached and nobody stopped it. */
  get isReady(): boolean {
    return this.#sessions.length > 0 && !this.isStopping;
  }

  /** The port that browsers without credentials find it at, if it has one. */
  get port(): number | undefined {
    return this.#port;
  }

  /** When the first session was attached. */
  get launchedAt(): number | undefined {
    return this.#launchedAt;
  }

  /** When the client was last heard of. */
  get lastConnectedAt(): number | undefined {
    return this.#lastConnectedAt;
  }

  /** When it became `terminated`. */
  get shutdownAt(): number | undefined {
    return this.#shutdownAt;
  }

  /** Why it is stopping or has ended. */
  get stopCause(): StopCause | undefined {
    return this.#stopCause;
  }

  /** The sessions attached now, oldest first. */
  get sessions(): readonly TunnelSession[] {
    return this.#sessions;
  }

  /** When what is running is cut off, while it is stopping. */
  get drainUntil(): number | undefined {
    return this.#drainUntil;
  }

  /** Exchanges under way. */
  get openExchanges(): number {
    return this.#sessions.reduce((sum, each) => sum + each.openExchanges, 0);
  }

  /** Whether it has as many exchanges under way as it may. */
  get isFull(): boolean {
    return this.openExchanges >= this.#maxExchanges;
  }

  /** Exchanges under way that name no job. */
  get otherExchanges(): number {
    return Math.max(0, this.openExchanges - this.jobs.exchanges);
  }

  /** Jobs under way; an exchange that names none is one of its own. */
  get jobsRunning(): number {
    return this.jobs.size + this.otherExchanges;
  }

  /** Whether `token` is the one given out when the tunnel was created. */
  acceptsToken(token: string): boolean {
    return this.tokenHash.matches(token);
  }

  /** Whether `password` is the proxy password given out when the tunnel was created. */
  acceptsProxyPassword(password: string): boolean {
    return this.passwordHash.matches(password);
  }

  /**
   * Adds a session, which leaves by itself when it is done.
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
    if (this.#sessions.length >= MAX_SESSIONS) {
      throw new TunnelClosedError(
        "full",
        `Cannot join tunnel "${this.name}": it has ${MAX_SESSIONS} sessions, use fewer`,
      );
    }
    this.#sessions = [...this.#sessions, session];
    this.markClientSeen();
    this.#launchedAt ??= this.#lastConnectedAt;
    const detach = () => this.#detach(session);
    // How it ended is for whoever opened it to tell; here it is gone either way.
    session.done.then(detach, detach);
    this.#options.onChange("attached");
  }

  /** Notes that the client was heard of just now. */
  markClientSeen(): void {
    this.#lastConnectedAt = this.#options.now();
  }

  /** Says where browsers without credentials find it; nowhere if `undefined`. */
  assignPort(port: number | undefined): void {
    this.#port = port;
  }

  /** The session for the next exchange, or none. */
  pickSession(): TunnelSession | undefined {
    if (this.isStopping || this.isFull) return undefined;
    return pickSession(this.#sessions);
  }

  /** Refuses new exchanges and sessions from now on; the first cause stays. */
  beginStop(cause: StopCause): void {
    if (this.#stopCause) return;
    this.#stopCause = cause;
    this.#options.onChange("stopping");
  }

  /** Says when what is running will be cut off. */
  limitDrain(until: number): void {
    this.#drainUntil = until;
  }

  /** Marks it as ended, after its sessions were closed; only once it is stopping. */
  markTerminated(): void {
    if (!this.#stopCause) {
      throw new TypeError(
        `Cannot end tunnel "${this.name}": nobody stopped it`,
      );
    }
    if (this.#shutdownAt !== undefined) return;
    this.#shutdownAt = this.#options.now();
    this.#options.onChange("terminated");
    this.#ended.resolve();
  }

  #detach(session: TunnelSession): void {
    this.#sessions = this.#sessions.filter((each) => each !== session);
    if (this.#shutdownAt === undefined) this.#options.onChange("detached");
  }
}
