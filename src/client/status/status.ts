/**
 * What state a client is in, and what it tells about itself.
 *
 * ```text
 *   starting ──first request passed──▶ ready ◀──sessions──▶ reconnecting
 *       └────────────stop──────────────▶ stopping ──▶ stopped
 * ```
 *
 * @module
 */
import type { ConnectionManager } from "../sessions/connection_manager.ts";

/** Where a client is in its life. */
export type ClientState =
  | "starting"
  | "ready"
  | "reconnecting"
  | "stopping"
  | "stopped";

/** The tunnel as the server told it. */
export interface TunnelInfo {
  /** 32 hexadecimal digits. */
  readonly id: string;
  /** As it was asked for. */
  readonly name: string;
  /** Host of the tunnel server. */
  readonly host: string;
  /** The tunnel server, as `host:port`. */
  readonly server: string;
  /** The proxy that browsers use, as `host:port`. */
  readonly proxy: string;
  /** The one of this tunnel alone, where browsers need no credentials, if it has one. */
  readonly dedicatedProxy?: string | undefined;
}

/** Told when the state changes. */
export type StateListener = (state: ClientState) => void;

/**
 * How long a client without a session is still healthy, in milliseconds: for
 * as long as the server keeps a tunnel without sessions. Whoever restarts it
 * earlier loses a tunnel that would have come back.
 */
const RECONNECT_GRACE = 60_000;

/** The one place that knows how the client is. */
export class ClientStatus {
  readonly startedAt: number = Date.now();
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

  /** Whether it is connected, or was and has reason to think that it soon is again. */
  get isHealthy(): boolean {
    if (this.isConnected) return true;
    return this.#state === "reconnecting" &&
      Date.now() - this.#changedAt < RECONNECT_GRACE;
  }

  /** The tunnel, once the server has given it out. */
  get tunnel(): TunnelInfo | undefined {
    return this.#tunnel;
  }

  /** The sessions, once there are any. */
  get manager(): ConnectionManager | undefined {
    return this.#manager;
  }

  /** Notes the tunnel that the server gave out. */
  setTunnel(tunnel: TunnelInfo): void {
    this.#tunnel = tunnel;
  }

  /** Notes who keeps the sessions. */
  setManager(manager: ConnectionManager): void {
    this.#manager = manager;
  }

  /** Notes how many sessions are open. */
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

  /** Tests may not start any more. */
  markStopping(): void {
    if (this.#state !== "stopped") this.#move("stopping");
  }

  /** Nothing runs any more. */
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
