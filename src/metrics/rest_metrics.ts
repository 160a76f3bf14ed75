import { Counter } from "prom-client";
import { PREFIX } from "./read_metrics.ts";
import type { Registry } from "./registry.ts";

/** Counts requests to the REST API. Operations are those that the API declares, and "none". */
export class RestMetrics {
  readonly #requests: Counter<"operation" | "code">;

  constructor(registry: Registry) {
    this.#requests = new Counter({
      name: `${PREFIX}rest_requests_total`,
      help: "Requests to the REST API by operation, and status.",
      labelNames: ["operation", "code"],
      registers: [registry],
    });
  }

  /** Counts one; without `operation` its path is of none. */
  count(operation: string | undefined, status: number): void {
    this.#requests.inc({
      operation: operation ?? "none",
      code: String(status),
    });
  }
}
