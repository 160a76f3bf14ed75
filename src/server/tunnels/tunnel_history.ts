// The traffic of each tunnel in the last minutes, for the charts of the page. There
// is a sample every few seconds, in memory, as long as the tunnel lives.
import type { TunnelSession } from "../../tunnel/session.ts";
import type { Clock } from "../../async/clock.ts";
import type { TunnelRegistry } from "./registry.ts";
import type { Tunnel } from "./tunnel.ts";

/** Time between two samples, in milliseconds. */
export const SAMPLE_INTERVAL = 2000;
/** Samples of one tunnel: five minutes, 10 KB. */
export const MAX_SAMPLES = 150;

/** The traffic of a tunnel since the previous sample. */
export interface TunnelSample {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Bytes a second to the client. */
  readonly sentRate: number;
  /** Bytes a second from the client. */
  readonly receivedRate: number;
  /** Running exchanges. */
  readonly streams: number;
  /** Median round trip of the sessions in milliseconds, if one was measured. */
  readonly roundTripTime: number | undefined;
}

interface Counts {
  readonly sent: number;
  readonly received: number;
}

/** Samples all live tunnels until it is disposed. */
export class TunnelHistory implements Disposable {
  readonly #registry: TunnelRegistry;
  readonly #clock: Clock;
  readonly #samples = new WeakMap<Tunnel, readonly TunnelSample[]>();
  readonly #counted = new WeakMap<TunnelSession, Counts>();
  #timer: Disposable;

  constructor(registry: TunnelRegistry, clock: Clock) {
    this.#registry = registry;
    this.#clock = clock;
    this.#timer = this.#next();
  }

  /** The samples of a tunnel, oldest first. */
  of(tunnel: Tunnel): readonly TunnelSample[] {
    return this.#samples.get(tunnel) ?? [];
  }

  [Symbol.dispose](): void {
    this.#timer[Symbol.dispose]();
  }

  #next(): Disposable {
    return this.#clock.timer(SAMPLE_INTERVAL, () => {
      for (const tunnel of this.#registry.list()) this.#sample(tunnel);
      this.#timer = this.#next();
    });
  }

  #sample(tunnel: Tunnel): void {
    const samples = this.of(tunnel);
    const at = this.#clock.now();
    const last = samples.at(-1)?.at ?? at - SAMPLE_INTERVAL;
    const seconds = Math.max(1, at - last) / 1000;
    let sent = 0;
    let received = 0;
    for (const session of tunnel.sessions) {
      const since = this.#since(session);
      sent += since.sent;
      received += since.received;
    }
    const sample: TunnelSample = {
      at,
      sentRate: sent / seconds,
      receivedRate: received / seconds,
      streams: tunnel.openExchanges,
      roundTripTime: roundTripOf(tunnel),
    };
    this.#samples.set(tunnel, [...samples, sample].slice(-MAX_SAMPLES));
  }

  /** Bytes of a session since the previous call. */
  #since(session: TunnelSession): Counts {
    const { bytesSent, bytesReceived } = session.stats;
    const before = this.#counted.get(session) ?? { sent: 0, received: 0 };
    this.#counted.set(session, { sent: bytesSent, received: bytesReceived });
    return {
      sent: bytesSent - before.sent,
      received: bytesReceived - before.received,
    };
  }
}

/** Median of the latest round trips of a tunnel's sessions, in milliseconds. */
export function roundTripOf({ sessions }: Tunnel): number | undefined {
  const measured = sessions.map(({ stats }) => stats.roundTripTime)
    .filter((time) => time !== undefined)
    .sort((left, right) => left - right);
  return measured[Math.floor(measured.length / 2)];
}
