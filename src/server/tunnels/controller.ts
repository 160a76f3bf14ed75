// Creates tunnels, ends those that lost their client, and stops them in order.
// Sauce Connect calls it the tunnel VM controller.
import { MAX_DRAIN_TIMEOUT } from "../../api/resources/tunnel_queries.ts";
import { logger } from "../../log/log.ts";
import { type Actor, type AuditLog, SERVER } from "../accounts/audit_log.ts";
import type { FindLimit } from "./organization_limit.ts";
import type { TunnelSession } from "../../tunnel/session.ts";
import { type Clock, systemClock } from "../../async/clock.ts";
import type {
  CreatedTunnel,
  RegistryChange,
  TunnelRegistry,
} from "./registry.ts";
import { type Replacement, replacementOf, sentenceOf } from "./replacement.ts";
import type { Tunnel, TunnelSpec } from "./tunnel.ts";

/** How long a tunnel lives without any session, in milliseconds. */
export const SESSION_TIMEOUT = 60_000;
/** How long a stopping tunnel waits for running jobs, in milliseconds: 3 hours. */
export const JOBS_TIMEOUT: number = MAX_DRAIN_TIMEOUT * 1000;
/** Live tunnels of one user: far more than a test farm needs, far fewer than harm the server. */
const MAX_TUNNELS_PER_OWNER = 100;

const log = logger("server");

/** Longest reason in the audit log, in characters: a word, or a sentence of a user. */
const MAX_REASON = 200;

/** A user, or their organization, has reached its limit of live tunnels. */
export class TunnelLimitError extends Error {
  override readonly name = "TunnelLimitError";
}

/** Options of {@linkcode TunnelController}. */
export interface TunnelControllerOptions {
  readonly clock?: Clock;
  /** Milliseconds without a session after which a tunnel ends. */
  readonly sessionTimeout?: number;
  /** Milliseconds after which a stopping tunnel's jobs are cut off. */
  readonly jobsTimeout?: number;
  readonly maxTunnelsPerOwner?: number;
  /** How many tunnels the owner's organization may have. Default no limit. */
  readonly limitOf?: FindLimit;
  /** Log of starts and stops. */
  readonly audit?: Pick<AuditLog, "note"> | undefined;
}

/** How to stop a tunnel. */
export interface StopOptions {
  /** A word or sentence for people: `sigterm`, `webui` … */
  readonly reason: string;
  /** Whether running exchanges may finish (the default) or are cut off. */
  readonly waitForJobs?: boolean;
  /** After how many milliseconds they are cut off in any case. */
  readonly drainTimeout?: number | undefined;
  /** Whether the owner stops it. */
  readonly byUser?: boolean;
  /** The actor in the audit log. Default the server itself. */
  readonly by?: Actor;
  /** The start that replaces it, if one does. */
  readonly replacedBy?: Replacement;
}

/** Creates, watches and stops tunnels. Disposing it ends all of them at once. */
export class TunnelController implements AsyncDisposable {
  readonly #registry: TunnelRegistry;
  readonly #clock: Clock;
  readonly #sessionTimeout: number;
  readonly #jobsTimeout: number;
  readonly #maxTunnelsPerOwner: number;
  readonly #limitOf: FindLimit;
  readonly #audit: Pick<AuditLog, "note"> | undefined;
  readonly #subscription: Disposable;
  /** Timers that end tunnels without a session. */
  readonly #expiries = new Map<Tunnel, Disposable>();
  /** Tunnels that are stopping; each promise resolves when it has ended. */
  readonly #stops = new Map<Tunnel, Promise<void>>();
  /** Timers that cut off the exchanges of stopping tunnels. */
  readonly #drains = new Map<Tunnel, Disposable>();

  constructor(
    registry: TunnelRegistry,
    {
      clock = systemClock,
      sessionTimeout = SESSION_TIMEOUT,
      jobsTimeout = JOBS_TIMEOUT,
      maxTunnelsPerOwner = MAX_TUNNELS_PER_OWNER,
      limitOf = () => undefined,
      audit,
    }: TunnelControllerOptions = {},
  ) {
    this.#registry = registry;
    this.#clock = clock;
    this.#sessionTimeout = sessionTimeout;
    this.#jobsTimeout = jobsTimeout;
    this.#maxTunnelsPerOwner = maxTunnelsPerOwner;
    this.#limitOf = limitOf;
    this.#audit = audit;
    this.#subscription = registry.changes.subscribe((change) =>
      this.#watch(change)
    );
  }

  /**
   * Creates a tunnel. Outside a pool it replaces the owner's tunnels of its name:
   * they accept no new exchanges and end when the running ones have finished.
   *
   * @param by The actor in the audit log. Default the owner.
   * @throws {TunnelLimitError} When the owner, or their organization, has too many.
   */
  create(spec: TunnelSpec, by: Actor = { user: spec.owner }): CreatedTunnel {
    this.checkRoom(spec);
    const replacedBy = replacementOf(spec, by, this.#clock.now());
    for (const tunnel of this.#replacedBy(spec)) {
      this.#replace(tunnel, replacedBy, by);
    }
    const created = this.#registry.create(spec);
    const { id } = created.tunnel;
    log.info("tunnel created", { id, owner: spec.owner, name: spec.name });
    this.#audit?.note({
      by,
      action: "tunnel_started",
      user: spec.owner,
      object: spec.name,
      detail: id,
    });
    return created;
  }

  #replace(tunnel: Tunnel, replacedBy: Replacement, by: Actor): void {
    if (tunnel.isStopping) return;
    const { id, owner, name } = tunnel;
    const { host, address } = replacedBy;
    log.info("tunnel replaced", { id, owner, name, host, address });
    this.stop(tunnel, { reason: sentenceOf(replacedBy), replacedBy, by });
  }

  /** Checks that a tunnel could be created now. @throws {TunnelLimitError} */
  checkRoom(spec: TunnelSpec): void {
    this.#checkLimit(spec.owner, new Set(this.#replacedBy(spec)));
  }

  /**
   * Begins to stop `tunnel`, which accepts nothing new from now on.
   * `tunnel.terminated` resolves when it has ended. A second call without
   * `waitForJobs` cuts off the exchanges that the first one waits for; one with a
   * shorter `drainTimeout` moves the end forward.
   */
  stop(
    tunnel: Tunnel,
    { by = SERVER, ...options }: StopOptions,
  ): void {
    if (!tunnel.isStopping) this.#noteStop(tunnel, { by, ...options });
    this.#begin(tunnel, options);
  }

  /** The tunnels come back with the server, so the audit log does not note a stop. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const tunnel of this.#registry.list()) {
      this.#begin(tunnel, { reason: "serverShutdown", waitForJobs: false });
    }
    await Promise.all(this.#stops.values());
    this.#subscription[Symbol.dispose]();
  }

  #begin(
    tunnel: Tunnel,
    { waitForJobs = true, drainTimeout, ...options }: StopOptions,
  ): void {
    if (tunnel.status === "terminated") return;
    if (!tunnel.isStopping) {
      const { reason, byUser = false, replacedBy } = options;
      tunnel.beginStop({
        reason,
        byUser,
        ...replacedBy && { replacedBy },
      });
      this.#stops.set(tunnel, this.#end(tunnel));
    }
    if (!waitForJobs) return cutOff(tunnel.sessions);
    this.#limitDrain(tunnel, drainTimeout);
  }

  #noteStop(
    { id, owner, name }: Tunnel,
    { by = SERVER, reason, replacedBy }: StopOptions,
  ): void {
    const why = replacedBy ? "replaced" : reason.slice(0, MAX_REASON);
    this.#audit?.note({
      by,
      action: replacedBy ? "tunnel_replaced" : "tunnel_stopped",
      user: owner,
      object: name,
      detail: `${id} ${why}`,
    });
  }

  #limitDrain(tunnel: Tunnel, timeout = this.#jobsTimeout): void {
    const until = this.#clock.now() + Math.min(timeout, this.#jobsTimeout);
    if (tunnel.drainUntil !== undefined && tunnel.drainUntil <= until) return;
    tunnel.limitDrain(until);
    this.#drains.get(tunnel)?.[Symbol.dispose]();
    const timer = this.#clock.timer(until - this.#clock.now(), () => {
      const { id, jobsRunning: jobs } = tunnel;
      log.info("running jobs are cut off", { id, jobs });
      cutOff(tunnel.sessions);
    });
    this.#drains.set(tunnel, timer);
  }

  #replacedBy({ owner, name, pool }: TunnelSpec): readonly Tunnel[] {
    return pool ? [] : this.#registry.find(owner, name);
  }

  #checkLimit(owner: string, replaced: ReadonlySet<Tunnel>): void {
    const live = this.#registry.list().filter((tunnel) =>
      !tunnel.isStopping && !replaced.has(tunnel)
    );
    const own = live.filter((tunnel) => tunnel.owner === owner).length;
    if (own >= this.#maxTunnelsPerOwner) {
      throw new TunnelLimitError(
        `Too many active tunnels: ${own + 1} > ${this.#maxTunnelsPerOwner}, ` +
          "stop some first",
      );
    }
    const limit = this.#limitOf(owner);
    if (limit === undefined) return;
    const theirs = live.filter((tunnel) => limit.has(tunnel.owner)).length;
    if (theirs < limit.maxTunnels) return;
    throw new TunnelLimitError(
      `Too many active tunnels of organization "${limit.name}": ` +
        `${theirs + 1} > ${limit.maxTunnels}, stop some first, or have the ` +
        'limit raised with "sallyport org set"',
    );
  }

  #watch({ kind, tunnel }: RegistryChange): void {
    this.#expiries.get(tunnel)?.[Symbol.dispose]();
    this.#expiries.delete(tunnel);
    if (kind === "removed" || tunnel.isStopping) return;
    if (tunnel.sessions.length > 0) return;
    this.#expiries.set(
      tunnel,
      this.#clock.timer(
        this.#sessionTimeout,
        () => this.stop(tunnel, { reason: "serverTimeout" }),
      ),
    );
  }

  async #end(tunnel: Tunnel): Promise<void> {
    const { id, owner, name, sessions } = tunnel;
    for (const session of sessions) session.drain().catch(endedAnyway);
    await Promise.allSettled(sessions.map((session) => session.done));
    tunnel.markTerminated();
    this.#stops.delete(tunnel);
    this.#drains.get(tunnel)?.[Symbol.dispose]();
    this.#drains.delete(tunnel);
    log.info("tunnel ended", {
      id,
      owner,
      name,
      reason: tunnel.stopCause?.reason,
    });
  }
}

function cutOff(sessions: readonly TunnelSession[]): void {
  for (const session of sessions) {
    Promise.resolve(session[Symbol.asyncDispose]()).catch(endedAnyway);
  }
}

/** A session that fails while it closes is closed all the same: `done` has settled. */
function endedAnyway(): void {}
