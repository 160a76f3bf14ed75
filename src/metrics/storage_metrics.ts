import { readCounter, readGauge } from "./read_metrics.ts";
import type { Registry } from "./registry.ts";

/** Registers whether the database can be written. */
export function registerStorage(
  registry: Registry,
  health: {
    /** Writes that failed. */
    readonly failures: number;
    /** Why nothing can be stored, or `undefined`. */
    problem(): string | undefined;
  },
): void {
  readCounter(registry, {
    name: "storage_write_failures_total",
    help: "Writes to the database that failed because of the disk.",
    read: () => health.failures,
  });
  readGauge(registry, {
    name: "storage_writable",
    help: "Whether the database can be written (1) or not (0), for example " +
      "because the disk is full.",
    read: () => health.problem() === undefined ? 1 : 0,
  });
}
