import { readGauge } from "./read_metrics.ts";
import type { Registry } from "./registry.ts";

/** What is checked; read at every scrape. */
export interface HealthSource {
  readonly names: readonly string[];
  /** Why checks fail, by name. */
  readonly failures: ReadonlyMap<string, string>;
}

/** Registers whether each check passes. */
export function registerHealth(
  registry: Registry,
  health: HealthSource,
): void {
  readGauge(registry, {
    name: "health_check",
    help: "1 if a check of /healthz passes, 0 if it fails.",
    labels: ["check"],
    read: () => {
      const { names, failures } = health;
      return names.map((check) => [{ check }, failures.has(check) ? 0 : 1]);
    },
  });
}
