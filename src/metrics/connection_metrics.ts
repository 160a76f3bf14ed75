/**
 * What is counted of connections that are dialled: how many were opened, are
 * open, were closed, and could not be opened, by host.
 */
import { Counter, Gauge, Histogram } from "prom-client";
import { PREFIX } from "./read_metrics.ts";
import type { Registry } from "./registry.ts";

/** Hosts with label values of their own; the sites of one test suite. Names that tests make up are "other" then. */
const MAX_HOSTS = 100;
const OTHER = "other";
/** RFC 6761 §6.3 and RFC 5735 §3: all of this machine is one host. */
const LOOPBACK = /^(?:localhost|.+\.localhost|127\..+|\[?::1\]?)$/;

/** Seconds: from a site on the same machine to one that is nearly given up. */
const BUCKETS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** As Sauce Connect 5 calls it for the tunnel; it has none for sites. */
const DURATIONS = {
  "dialer": "dialer_connect_duration_seconds",
  "tunnel_dialer": "tunnel_connect_duration_seconds",
} as const;

/** Counters of one kind of connection: `dialer` for sites, `tunnel_dialer` for the server. */
export class ConnectionMetrics {
  readonly #dialed: Counter<"host">;
  readonly #closed: Counter<"host">;
  readonly #errors: Counter<"host">;
  readonly #active: Gauge<"host">;
  readonly #duration: Histogram<"address">;
  readonly #hasAddress: boolean;
  readonly #hosts = new Set<string>();
  readonly #known = new Map<string, HostSeries>();

  constructor(registry: Registry, kind: "dialer" | "tunnel_dialer") {
    const counter = (name: string, help: string): Counter<"host"> =>
      new Counter({
        name: `${PREFIX}${kind}_${name}`,
        help,
        labelNames: ["host"],
        registers: [registry],
      });
    this.#dialed = counter("dialed_total", "Connections that were opened.");
    this.#closed = counter("closed_total", "Connections that were closed.");
    this.#errors = counter("errors_total", "Connections that failed to open.");
    this.#active = new Gauge({
      name: `${PREFIX}${kind}_cx_active`,
      help: "Connections that are open.",
      labelNames: ["host"],
      registers: [registry],
    });
    // Sites are too many; the server of a tunnel is one.
    this.#hasAddress = kind === "tunnel_dialer";
    this.#duration = new Histogram({
      name: `${PREFIX}${DURATIONS[kind]}`,
      help: "Time to open a connection, TLS handshake included, in seconds.",
      labelNames: this.#hasAddress ? ["address"] : [],
      buckets: BUCKETS,
      registers: [registry],
    });
  }

  /** Counts a connection to `address`, at `hostname`, that was opened in `seconds`. */
  opened(
    hostname: string,
    { address, seconds }: {
      readonly address: string;
      readonly seconds: number;
    },
  ): void {
    const { dialed, active } = this.#seriesOf(hostname);
    dialed.inc();
    active.inc();
    this.#duration.observe(this.#hasAddress ? { address } : {}, seconds);
  }

  /** Counts the end of one that was opened. */
  closed(hostname: string): void {
    const { closed, active } = this.#seriesOf(hostname);
    closed.inc();
    active.dec();
  }

  /** Counts one that could not be opened. */
  failed(hostname: string): void {
    this.#errors.inc({ host: this.#labelOf(hostname) });
  }

  /** Looked up once: finding a series by its labels costs more than counting. */
  #seriesOf(hostname: string): HostSeries {
    const host = this.#labelOf(hostname);
    return this.#known.getOrInsertComputed(host, () => ({
      dialed: this.#dialed.labels({ host }),
      closed: this.#closed.labels({ host }),
      active: this.#active.labels({ host }),
    }));
  }

  #labelOf(hostname: string): string {
    if (LOOPBACK.test(hostname)) return "localhost";
    if (this.#hosts.has(hostname)) return hostname;
    if (this.#hosts.size >= MAX_HOSTS) return OTHER;
    this.#hosts.add(hostname);
    return hostname;
  }
}

interface HostSeries {
  readonly dialed: Counter.Internal;
  readonly closed: Counter.Internal;
  readonly active: Gauge.Internal<"host">;
}
