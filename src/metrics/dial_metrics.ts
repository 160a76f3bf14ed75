import { Counter } from "prom-client";
import { PREFIX } from "./read_metrics.ts";
import type { Registry } from "./registry.ts";

/** Counters of dials. */
export class DialMetrics {
  readonly #retries: Counter;

  constructor(registry: Registry) {
    this.#retries = new Counter({
      name: `${PREFIX}dialer_retries_total`,
      help: "Further attempts to connect to a site.",
      registers: [registry],
    });
  }

  /** Counts an attempt after the first. */
  retry(): void {
    this.#retries.inc();
  }
}

/** Counts connections whose far end could be anybody. */
export class InsecureMetrics {
  readonly #connections: Counter;

  constructor(registry: Registry) {
    this.#connections = new Counter({
      name: `${PREFIX}insecure_connections_total`,
      help: "TLS connections to sites whose certificate was not verified.",
      registers: [registry],
    });
  }

  count(): void {
    this.#connections.inc();
  }
}
