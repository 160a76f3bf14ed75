/**
 * What is counted of the sessions between client and server.
 *
 * @module
 */
import { Gauge } from "prom-client";
import { PREFIX, type Registry } from "./registry.ts";

/** Numbers of one session at this moment. */
export interface SessionNumbers {
  /** Value of the `conn` label. */
  readonly conn: string;
  readonly bytesSent: number;
  readonly bytesReceived: number;
  /** Milliseconds; `undefined` before the first measurement. */
  readonly roundTripTime: number | undefined;
  /** Exchanges under way. */
  readonly streams: number;
}

/** Where the numbers come from; asked at every scrape. */
export interface SessionSource {
  readonly sessions: () => readonly SessionNumbers[];
  /** Sessions that were lost and dialled again. */
  readonly reconnects: () => number;
}

/** Registers the metrics of a client's sessions. */
export function registerSessionMetrics(
  registry: Registry,
  { sessions, reconnects }: SessionSource,
): void {
  const gauge = (
    name: string,
    help: string,
    value: (numbers: SessionNumbers) => number,
  ): void => {
    new Gauge({
      name: `${PREFIX}tunnel_${name}`,
      help,
      labelNames: ["conn"],
      registers: [registry],
      collect() {
        this.reset();
        for (const each of sessions()) {
          this.set({ conn: each.conn }, value(each));
        }
      },
    });
  };
  gauge("sent_bytes", "Bytes sent on a tunnel connection.", (s) => s.bytesSent);
  gauge(
    "received_bytes",
    "Bytes received on a tunnel connection.",
    (s) => s.bytesReceived,
  );
  gauge(
    "streams",
    "Exchanges under way on a tunnel connection.",
    (s) => s.streams,
  );
  gauge(
    "round_trip_seconds",
    "Last measured round trip of a tunnel connection, in seconds.",
    (s) => (s.roundTripTime ?? 0) / 1000,
  );
  new Gauge({
    name: `${PREFIX}tunnel_connections`,
    help: "Tunnel connections that are open.",
    registers: [registry],
    collect() {
      this.set(sessions().length);
    },
  });
  new Gauge({
    name: `${PREFIX}tunnel_reconnects_total`,
    help: "Tunnel connections that were lost and dialled again.",
    registers: [registry],
    collect() {
      this.set(reconnects());
    },
  });
}

/** Registers `sallyport_tunnel_info`, whose value is 1 once the tunnel is known. */
export function registerTunnelInfo(
  registry: Registry,
  tunnel: () => {
    readonly id: string;
    readonly name: string;
    readonly server: string;
    readonly host: string;
  } | undefined,
): void {
  new Gauge({
    name: `${PREFIX}tunnel_info`,
    help: "The tunnel; the value is always 1.",
    labelNames: ["addr", "hostname", "id", "name"],
    registers: [registry],
    collect() {
      const info = tunnel();
      if (info === undefined) return;
      const { server, host, id, name } = info;
      this.set({ addr: server, hostname: host, id, name }, 1);
    },
  });
}
