import { Counter, Gauge } from "prom-client";
import { PREFIX, type Registry } from "./registry.ts";

/** Numbers of one session at this moment. */
export interface SessionNumbers {
  /** Value of the `conn` label. */
  readonly conn: string;
  readonly bytesSent: number;
  readonly bytesReceived: number;
  /** Milliseconds; `undefined` before the first measurement. */
  readonly roundTripTime: number | undefined;
  /** Requests in progress. */
  readonly streams: number;
  /** Writes that waited because the peer's windows were used up. */
  readonly windowStalls: number;
}

/** Where the numbers come from; read at every scrape. */
export interface SessionSource {
  readonly sessions: () => readonly SessionNumbers[];
  /** Sessions that were lost and dialled again, by reason. */
  readonly reconnects: () => ReadonlyMap<string, number>;
  /** Failures to open a session, by type. */
  readonly failures: () => ReadonlyMap<string, number>;
}

/** Registers the metrics of a client's sessions. */
export function registerSessionMetrics(
  registry: Registry,
  source: SessionSource,
): void {
  perConnection(registry, source);
  counts(registry, {
    name: "reconnects_total",
    help: "Tunnel connections that were lost and dialled again.",
    label: "reason",
    values: source.reconnects,
  });
  counts(registry, {
    name: "errors_total",
    help: "Tunnel connections that could not be opened.",
    label: "type",
    values: source.failures,
  });
}

/** Registers what is known of a client's heartbeats to the REST API. */
export function registerHeartbeats(
  registry: Registry,
  heartbeats: {
    /** How many have failed. */
    readonly failures: number;
    /** When the last one succeeded, in milliseconds since 1970. */
    readonly lastSuccess: number | undefined;
  },
): void {
  new Counter({
    name: `${PREFIX}heartbeat_failures_total`,
    help: "Heartbeats that the server's REST API did not take.",
    registers: [registry],
    collect() {
      this.reset();
      this.inc(heartbeats.failures);
    },
  });
  new Gauge({
    name: `${PREFIX}heartbeat_last_success_timestamp_seconds`,
    help: "When the server's REST API last took a heartbeat; 0 before.",
    registers: [registry],
    collect() {
      this.set((heartbeats.lastSuccess ?? 0) / 1000);
    },
  });
}

function perConnection(
  registry: Registry,
  { sessions }: SessionSource,
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
    "Requests in progress on a tunnel connection.",
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
  gauge(
    "window_stalls",
    "Writes on a tunnel connection that waited for the peer's windows.",
    (s) => s.windowStalls,
  );
}

/** A counter whose values are counted elsewhere. */
function counts(
  registry: Registry,
  { name, help, label, values }: {
    readonly name: string;
    readonly help: string;
    readonly label: string;
    readonly values: () => ReadonlyMap<string, number>;
  },
): void {
  new Counter({
    name: `${PREFIX}tunnel_${name}`,
    help,
    labelNames: [label],
    registers: [registry],
    collect() {
      this.reset();
      for (const [value, count] of values()) {
        this.inc({ [label]: value }, count);
      }
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
