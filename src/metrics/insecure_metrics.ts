import { Counter } from "prom-client";
import { PREFIX } from "./read_metrics.ts";
import type { Registry } from "./registry.ts";

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
