/*
 * A tunnel on the server: its owner, its state, and the sessions that carry
 * exchanges to the client.
 *
 * ```text
 *   new ──first session──▶ running ──sessions gone, or stopped──▶ terminated
 *    └──────────────never connected, or stopped──────────────────────▲
 * ```
 *
 * Between a stop and `terminated` a tunnel is *stopping*: running exchanges
 * finish, new exchanges and sessions are refused. The tunnel only holds state;
 * `TunnelController` decides.
 */
import type { DomainRules } from "../../api/resources/domain_rules.ts";
import type { StoredSpec } from "../storage/stored_tunnel.ts";
import type {
  Sharing,
  TunnelMetadata,
  TunnelStatus,
} from "../../api/resources/tunnel_resource.ts";
import {
  OrganizationTally,
  type SessionLoss,
} from "../../metrics/organization_tallies.ts";
import { lossOf } from "../../tunnel/session_loss.ts";
import type { TunnelSession } from "../../tunnel/session.ts";
import type { RateLimits } from "../../net/stream/rate_limit.ts";
import { RecentFailures } from "./recent/recent_failures.ts";
import { DEFAULT_REQUESTS, RecentRequests } from "./recent/recent_requests.ts";
import { RunningJobs } from "./running_jobs.ts";
import { pickSession } from "./pick_session.ts";
import type { Replacement } from "./replacement.ts";
import type { SecretHash } from "../accounts/secret.ts";
import {
  DEFAULT_LIMITS,
  rateLimitsOf,
  type TunnelLimits,
} from "./tunnel_limits.ts";

/** Most sessions of one tunnel. Clients open 16 by default. */
export const MAX_SESSIONS = 128;

/** What a tunnel is created with; all but owner and name is optional. */
export type TunnelSpec =
  & Pick<StoredSpec, "owner" | "name">
  & Partial<StoredSpec>;

/** Why a tunnel stops. */
export interface StopCause {
  /** A word or sentence for people: `sigterm`, `serverTimeout`, `replaced by …` */
  readonly reason: string;
  /** Whether its owner stopped it. */
  readonly byUser: boolean;
  /** The start that replaced it, if one did. */
  readonly replacedBy?: Replacement;
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
  /** Hash of the secret that authenticates sessions. */
  readonly tokenHash: SecretHash;
  /** Hash of the secret that authenticates browsers. */
  readonly passwordHash: SecretHash;
  /** When it was made and first had a session, if that was before the server started. */
  readonly before?: Pick<Tunnel, "createdAt" | "launchedAt"> | undefined;
  /** Its limits; the usual ones by default. */
  readonly limits?: TunnelLimits | undefined;
  /** What its organization does is counted here. */
  readonly tally?: OrganizationTally | undefined;
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
  /** Whether it requests a port where browsers need no credentials. */
  readonly wantsPort: boolean;
  /** Id of the access key that started it. */
  readonly keyId: string | undefined;
  /** Milliseconds since 1970, as all its times. */
  readonly createdAt: number;
  /** Resolves when the tunnel has become `terminated`. */
  readonly terminated: Promise<void>;

  /** Hash of the secret that authenticates sessions. */
  readonly tokenHash: SecretHash;
  /** Hash of the secret that authenticates browsers. */
  readonly passwordHash: SecretHash;
  /** The jobs with running exchanges. */
  readonly jobs: RunningJobs;
  /** Its latest failed exchanges. */
  readonly failures: RecentFailures;
  /** What its organization does is counted here. */
  readonly tally: OrganizationTally;
  /** Its latest requests, if they are kept. */
  readonly requests: RecentRequests | undefined;
  /** Rate limits that its exchanges share, if there are any. */
  readonly rates: RateLimits | undefined;

  readonly #options: TunnelOptions;
  readonly #maxExchanges: number;
  readonly #ended = Promise.withResolvers<void>();
  #sessions: readonly TunnelSession[] = [];
  #launchedAt: number | undefined;
  #lastConnectedAt: number | undefined;
  #stopCause: StopCause | undefined;
  #lastLoss: SessionLoss | undefined;
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
    const { requests = DEFAULT_REQUESTS } = options.limits ?? DEFAULT_LIMITS;
    this.requests = requests === 0
      ? undefined
      : new RecentRequests(options.now, requests);
    this.failures = new RecentFailures(options.now, requests > 0);
    this.tally = options.tally ?? new OrganizationTally("");
    this.#maxExchanges = (options.limits ?? DEFAULT_LIMITS).maxExchanges;
    this.rates = rateLimitsOf(options.limits ?? DEFAULT_LIMITS);
  }

  /** Its status; a stopping tunnel is still `new` or `running`. */
  get status(): TunnelStatus {
    if (this.#shutdownAt !== undefined) return "terminated";
    return this.#launchedAt === undefined ? "new" : "running";
  }

  /** Whether it is stopping or has ended. */
  get isStopping(): boolean {
    return this.#stopCause !== undefined;
  }

  /** Whether it accepts exchanges: it has a session and is not stopping. */
  get isReady(): boolean {
    return this.#sessions.length > 0 && !this.isStopping;
  }

  /** Its port for browsers without credentials, if it has one. */
  get port(): number | undefined {
    return this.#port;
  }

  /** When the first session was attached. */
  get launchedAt(): number | undefined {
    return this.#launchedAt;
  }

  /** When the client was last seen. */
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

  /** Why the session that ended last was lost; `undefined` if it was closed. */
  get lastLoss(): SessionLoss | undefined {
    return this.#lastLoss;
  }

  /** When running exchanges are cut off, while it is stopping. */
  get drainUntil(): number | undefined {
    return this.#drainUntil;
  }

  /** Number of running exchanges. */
  get openExchanges(): number {
    return this.#sessions.reduce((sum, each) => sum + each.openExchanges, 0);
  }

  /** Whether it runs as many exchanges as it may. */
  get isFull(): boolean {
    return this.openExchanges >= this.#maxExchanges;
  }

  /** Number of running exchanges without a job. */
  get otherExchanges(): number {
    return Math.max(0, this.openExchanges - this.jobs.exchanges);
  }

  /** Number of running jobs; an exchange without one counts as a job of its own. */
  get jobsRunning(): number {
    return this.jobs.size + this.otherExchanges;
  }

  /** Whether `token` is the token of the tunnel. */
  acceptsToken(token: string): boolean {
    return this.tokenHash.matches(token);
  }

  /** Whether `password` is the proxy password of the tunnel. */
  acceptsProxyPassword(password: string): boolean {
    return this.passwordHash.matches(password);
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
    if (this.#sessions.length >= MAX_SESSIONS) {
      throw new TunnelClosedError(
        "full",
        `Cannot join tunnel "${this.name}": it has ${MAX_SESSIONS} sessions, use fewer`,
      );
    }
    this.#sessions = [...this.#sessions, session];
    this.markClientSeen();
    this.#launchedAt ??= this.#lastConnectedAt;
    this.tally.openSession(session);
    // Its opener logs how it ended.
    session.done.then(
      () => this.#detach(session),
      (cause) => this.#detach(session, lossOf(cause)),
    );
    this.#options.onChange("attached");
  }

  /** Notes that the client is alive now. */
  markClientSeen(): void {
    this.#lastConnectedAt = this.#options.now();
  }

  /** Sets its port for browsers without credentials; `undefined` if it has none. */
  assignPort(port: number | undefined): void {
    this.#port = port;
  }

  /** The session for a new exchange; `undefined` if there is none. */
  pickSession(): TunnelSession | undefined {
    if (this.isStopping || this.isFull) return undefined;
    return pickSession(this.#sessions);
  }

  /** Refuses new exchanges and sessions from now on. The first cause is kept. */
  beginStop(cause: StopCause): void {
    if (this.#stopCause) return;
    this.#stopCause = cause;
    this.#options.onChange("stopping");
  }

  /** Sets when running exchanges are cut off. */
  limitDrain(until: number): void {
    this.#drainUntil = until;
  }

  /** Marks it as ended, after its sessions were closed. @throws {TypeError} When it is not stopping. */
  markTerminated(): void {
    if (!this.#stopCause) {
      throw new TypeError(
        `Cannot end tunnel "${this.name}": it is not stopping`,
      );
    }
    if (this.#shutdownAt !== undefined) return;
    this.#shutdownAt = this.#options.now();
    this.#options.onChange("terminated");
    this.#ended.resolve();
  }

  #detach(session: TunnelSession, loss?: SessionLoss): void {
    // A tunnel that ends closes its sessions, whichever end is faster.
    this.#lastLoss = this.isStopping ? undefined : loss;
    this.tally.closeSession(session, this.#lastLoss);
    this.#sessions = this.#sessions.filter((each) => each !== session);
    if (this.#shutdownAt === undefined) this.#options.onChange("detached");
  }
}
