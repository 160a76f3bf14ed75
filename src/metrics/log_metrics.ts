import { Counter } from "prom-client";
import { PREFIX, type Registry } from "./registry.ts";

/** What the log counts. */
export interface LogCounts {
  /** Lines of level error, by module. */
  readonly errors: ReadonlyMap<string, number>;
  /** Lines that could not be written. */
  readonly dropped: number;
}

/** Registers what `log` counts; nothing without it. */
export function registerLog(
  registry: Registry,
  log: LogCounts | undefined,
): void {
  if (log === undefined) return;
  const { errors } = log;
  new Counter({
    name: `${PREFIX}errors_total`,
    help: "Lines of level error in the log, by module.",
    labelNames: ["name"],
    registers: [registry],
    collect() {
      this.reset();
      for (const [name, count] of errors) this.inc({ name }, count);
    },
  });
  new Counter({
    name: `${PREFIX}log_lines_dropped_total`,
    help: "Log lines that are missing in the log: its disk is full, or the " +
      "reader of standard output has stopped.",
    registers: [registry],
    collect() {
      this.reset();
      this.inc(log.dropped);
    },
  });
}
