/**
 * The state machine of a client.
 *
 * ```text
 *   starting ──first request passed──▶ ready ◀──sessions──▶ reconnecting
 *       └────────────stop──────────────▶ stopping ──▶ stopped
 * ```
 */
import { Heartbeats } from "./heartbeats.ts";
import type { ConnectionManager } from "../sessions/connection_manager.ts";
import type { ClientSnapshot, ClientState, TunnelInfo } from "../state.ts";

/** Called when the state changes. */
export type StateListener = (state: ClientState) => void;

/**
 * How long a client without a session is still healthy, in milliseconds. The
 * server keeps a tunnel without sessions for as long. An earlier restart would
 * lose a tunnel that can come back.
 */
const RECONNECT_GRACE = 60_000;

/** The only place that knows the state of the client. */
export class ClientStatus {
  readonly startedAt: number = Date.now();
  /** Whether the REST API takes the heartbeats. */
  readonly heartbeats: Heartbeats = new Heartbeats();
  readonly #listener: StateListener;
  #state: ClientState = "starting";
  #changedAt: number = Date.now();
  #active = 0;
  #tunnel: TunnelInfo | undefined;
  #manager: ConnectionManager | undefined;

  constructor(listener: StateListener = () => {}) {
    this.#listener = listener;
  }

  get state(): ClientState {
    return this.#state;
  }

  /** When the state changed, in milliseconds since 1970. */
  get changedAt(): number {
    return this.#changedAt;
  }

  /** Whether any session is open. */
  get isConnected(): boolean {
    return this.#active > 0;
  }

  /** Whether it is connected, or was so recently that it may soon be again. */
  get isHealthy(): boolean {
    if (this.isConnected) return true;
    return this.#state === "reconnecting" &&
      Date.now() - this.#changedAt < RECONNECT_GRACE;
  }

  /** The tunnel, once the server has created it. */
  get tunnel(): TunnelInfo | undefined {
    return this.#tunnel;
  }

  /** The sessions, once there are any. */
  get manager(): ConnectionManager | undefined {
    return this.#manager;
  }

  /** Sets the tunnel that the server created. */
  setTunnel(tunnel: TunnelInfo): void {
    this.#tunnel = tunnel;
  }

  /** Sets the manager of the sessions. */
  setManager(manager: ConnectionManager): void {
    this.#manager = manager;
  }

  /** Sets the number of open sessions. */
  setActive(active: number): void {
    this.#active = active;
    if (this.#state === "ready" && active === 0) this.#move("reconnecting");
    if (this.#state === "reconnecting" && active > 0) this.#move("ready");
  }

  /** A request has passed: tests may start. */
  markReady(): void {
    if (this.#state !== "starting") return;
    this.#move(this.isConnected ? "ready" : "reconnecting");
  }

  /** No more tests may start. */
  markStopping(): void {
    if (this.#state !== "stopped") this.#move("stopping");
  }

  /** Everything has ended. */
  markStopped(): void {
    this.#move("stopped");
  }

  #move(state: ClientState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#changedAt = Date.now();
    this.#listener(state);
  }
}

/** Takes a snapshot of the client. */
export function snapshotOf(
  status: ClientStatus,
  given: Pick<ClientSnapshot, "answered" | "apiUrl" | "failingPlugins">,
): ClientSnapshot {
  const connections = (status.manager?.sessions ?? []).map(
    ({ connection }) => connection,
  );
  const total = (of: (connection: (typeof connections)[number]) => number) =>
    connections.reduce((sum, each) => sum + of(each), 0);
  return {
    state: status.state,
    since: status.changedAt,
    tunnel: status.tunnel,
    ...given,
    sessions: connections.length,
    roundTripTime: medianOf(
      connections.map(({ stats }) => stats.roundTripTime)
        .filter((time) => time !== undefined),
    ),
    underWay: total(({ openStreams }) => openStreams),
    bytesSent: total(({ stats }) => stats.bytesSent),
    bytesReceived: total(({ stats }) => stats.bytesReceived),
    lastError: status.manager?.lastFailure,
  };
}

function medianOf(numbers: readonly number[]): number | undefined {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];
}
