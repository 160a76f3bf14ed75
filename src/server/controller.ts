/**
 * The life of tunnels: creates them, ends those that lost their client, stops
 * them in order. Sauce Connect calls it the tunnel VM controller.
 *
 * @module
 */
import { MAX_DRAIN_TIMEOUT } from "../api/tunnel_queries.ts";
import { logger } from "../log/log.ts";
import type { TunnelSession } from "../tunnel/session.ts";
import { type Clock, systemClock } from "../async/clock.ts";
import type {
  CreatedTunnel,
  TunnelChange,
  TunnelRegistry,
} from "./registry.ts";
import type { Tunnel, TunnelSpec } from "./tunnel.ts";

/** How long a tunnel lives without any session, in milliseconds. */
export const SESSION_TIMEOUT = 60_000;
/** How long a stopping tunnel waits for running jobs at most, in milliseconds: 3 hours. */
export const JOBS_TIMEOUT: number = MAX_DRAIN_TIMEOUT * 1000;
/** Live tunnels of one user: far above what a test farm needs, far below what harms the server. */
export const MAX_TUNNELS_PER_OWNER = 100;

const log = logger("server");

/** A user has as many live tunnels as allowed. */
export class TunnelLimitError extends Error {
  override readonly name = "TunnelLimitError";
}

/** What the controller may be told. */
export interface TunnelControllerOptions {
  readonly clock?: Clock;
  /** Milliseconds without any session after which a tunnel is ended. */
  readonly sessionTimeout?: number;
  /** Milliseconds after which a stopping tunnel's jobs are cut off. */
  readonly jobsTimeout?: number;
  readonly maxTunnelsPerOwner?: number;
}

/** How to stop a tunnel. */
export interface StopOptions {
  /** A word or sentence for people: `sigterm`, `webui` … */
  readonly reason: string;
  /** Whether running exchanges may finish (the default) or are cut off. */
  readonly waitForJobs?: boolean;
  /** For how long at most, in milliseconds; then they are cut off. */
  readonly drainTimeout?: number | undefined;
  /** Whether the owner asked for it. */
  readonly byUser?: boolean;
}

/** Starts, watches and ends tunnels. Disposing it ends all of them at once. */
export class TunnelController implements AsyncDisposable {
  readonly #registry: TunnelRegistry;
  readonly #clock: Clock;
  readonly #sessionTimeout: number;
  readonly #jobsTimeout: number;
  readonly #maxTunnelsPerOwner: number;
  readonly #subscription: Disposable;
  /** Tunnels without a session, and what will end them. */
  readonly #expiries = new Map<Tunnel, Disposable>();
  /** Tunnels that are stopping, and the work of it. */
  readonly #stops = new Map<Tunnel, Promise<void>>();
  /** What will cut off the exchanges of tunnels that are stopping. */
  readonly #drains = new Map<Tunnel, Disposable>();

  constructor(
    registry: TunnelRegistry,
    {
      clock = systemClock,
      sessionTimeout = SESSION_TIMEOUT,
      jobsTimeout = JOBS_TIMEOUT,
      maxTunnelsPerOwner = MAX_TUNNELS_PER_OWNER,
    }: TunnelControllerOptions = {},
  ) {
    this.#registry = registry;
    this.#clock = clock;
    this.#sessionTimeout = sessionTimeout;
    this.#jobsTimeout = jobsTimeout;
    this.#maxTunnelsPerOwner = maxTunnelsPerOwner;
    this.#subscription = registry.changes.subscribe((change) =>
      this.#watch(change)
    );
  }

  /**
   * Creates a tunnel. One that does not join a pool replaces all of its name:
   * they take no new exchanges and end when the running ones have finished.
   *
   * @throws {TunnelLimitError} When the owner has too many.
   */
  create(spec: TunnelSpec): CreatedTunnel {
    const older = spec.pool ? [] : this.#registry.find(spec.owner, spec.name);
    this.#checkLimit(spec.owner, new Set(older));
    for (const tunnel of older) this.stop(tunnel, { reason: "replaced" });
    const created = this.#registry.create(spec);
    const { id } = created.tunnel;
    log.info("tunnel created", { id, owner: spec.owner, name: spec.name });
    return created;
  }

  /**
   * Begins to stop `tunnel`; `tunnel.terminated` tells when it has ended. It
   * takes nothing new from now on. A second call without `waitForJobs` cuts
   * off what the first one is waiting for; one with an earlier end brings the
   * end forward.
   */
  stop(
    tunnel: Tunnel,
    { reason, waitForJobs = true, drainTimeout, byUser = false }: StopOptions,
  ): void {
    if (tunnel.status === "terminated") return;
    if (!tunnel.isStopping) {
      tunnel.beginStop({ reason, byUser });
      this.#stops.set(tunnel, this.#end(tunnel));
    }
    if (!waitForJobs) return cutOff(tunnel.sessions);
    this.#limitDrain(tunnel, drainTimeout);
  }

  /** Stops all tunnels; resolves when they have ended. */
  async stopAll(options: StopOptions): Promise<void> {
    const tunnels = this.#registry.list();
    for (const tunnel of tunnels) this.stop(tunnel, options);
    await Promise.all(tunnels.map((tunnel) => tunnel.terminated));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stopAll({ reason: "serverShutdown", waitForJobs: false });
    await Promise.all(this.#stops.values());
    this.#subscription[Symbol.dispose]();
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

  #checkLimit(owner: string, replaced: ReadonlySet<Tunnel>): void {
    const live =
      this.#registry.list({ owner }).filter((tunnel) =>
        !tunnel.isStopping && !replaced.has(tunnel)
      ).length;
    if (live < this.#maxTunnelsPerOwner) return;
    throw new TunnelLimitError(
      `Too many active tunnels: ${
        live + 1
      } > ${this.#maxTunnelsPerOwner}, stop some first`,
    );
  }

  #watch({ kind, tunnel }: TunnelChange): void {
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

/** A session that fails while it is being closed is closed: `done` has settled. */
function endedAnyway(): void {}
