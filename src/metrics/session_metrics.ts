import { readCounter, readGauge, samplesBy } from "./read_metrics.ts";
import type { Registry } from "./registry.ts";

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
  { sessions, reconnects, failures }: SessionSource,
): void {
  for (const { name, help, value } of OF_CONNECTION) {
    readGauge(registry, {
      name: `tunnel_${name}`,
      help,
      labels: ["conn"],
      read: () => sessions().map((each) => [{ conn: each.conn }, value(each)]),
    });
  }
  readGauge(registry, {
    name: "tunnel_connections",
    help: "Tunnel connections that are open.",
    read: () => sessions().length,
  });
  readCounter(registry, {
    name: "tunnel_reconnects_total",
    help: "Tunnel connections that were lost and dialled again.",
    labels: ["reason"],
    read: () => samplesBy("reason", reconnects()),
  });
  readCounter(registry, {
    name: "tunnel_errors_total",
    help: "Tunnel connections that could not be opened.",
    labels: ["type"],
    read: () => samplesBy("type", failures()),
  });
}

const OF_CONNECTION: readonly {
  readonly name: string;
  readonly help: string;
  readonly value: (session: SessionNumbers) => number;
}[] = [
  {
    name: "sent_bytes",
    help: "Bytes sent on a tunnel connection.",
    value: ({ bytesSent }) => bytesSent,
  },
  {
    name: "received_bytes",
    help: "Bytes received on a tunnel connection.",
    value: ({ bytesReceived }) => bytesReceived,
  },
  {
    name: "streams",
    help: "Requests in progress on a tunnel connection.",
    value: ({ streams }) => streams,
  },
  {
    name: "round_trip_seconds",
    help: "Last measured round trip of a tunnel connection, in seconds.",
    value: ({ roundTripTime = 0 }) => roundTripTime / 1000,
  },
  {
    name: "window_stalls",
    help: "Writes on a tunnel connection that waited for the peer's windows.",
    value: ({ windowStalls }) => windowStalls,
  },
];

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
  readCounter(registry, {
    name: "heartbeat_failures_total",
    help: "Heartbeats that the server's REST API did not take.",
    read: () => heartbeats.failures,
  });
  readGauge(registry, {
    name: "heartbeat_last_success_timestamp_seconds",
    help: "When the server's REST API last took a heartbeat; 0 before.",
    read: () => (heartbeats.lastSuccess ?? 0) / 1000,
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
  readGauge(registry, {
    name: "tunnel_info",
    help: "The tunnel; the value is always 1.",
    labels: ["addr", "hostname", "id", "name"],
    read: () => {
      const info = tunnel();
      if (info === undefined) return [];
      const { server, host, id, name } = info;
      return [[{ addr: server, hostname: host, id, name }, 1]];
    },
  });
}
