import { Counter, Gauge } from "prom-client";
import { PREFIX, type Registry } from "./registry.ts";

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
  new Counter({
    name: `${PREFIX}storage_write_failures_total`,
    help: "Writes to the database that failed because of the disk.",
    registers: [registry],
    collect() {
      this.reset();
      this.inc(health.failures);
    },
  });
  new Gauge({
    name: `${PREFIX}storage_writable`,
    help: "Whether the database can be written (1) or not (0), for example " +
      "because the disk is full.",
    registers: [registry],
    collect() {
      this.set(health.problem() === undefined ? 1 : 0);
    },
  });
}
