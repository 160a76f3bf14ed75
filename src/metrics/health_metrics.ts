import { Gauge } from "prom-client";
import { PREFIX, type Registry } from "./registry.ts";

/** What is checked; read at every scrape. */
export interface HealthSource {
  readonly names: readonly string[];
  /** Why checks fail, by name. */
  readonly failures: ReadonlyMap<string, string>;
}

/** Registers whether each check passes. */
export function registerHealth(registry: Registry, health: HealthSource): void {
  new Gauge({
    name: `${PREFIX}health_check`,
    help: "1 if a check of /healthz passes, 0 if it fails.",
    labelNames: ["check"],
    registers: [registry],
    collect() {
      const { names, failures } = health;
      for (const check of names) {
        this.set({ check }, failures.has(check) ? 0 : 1);
      }
    },
  });
}
