import { Counter } from "prom-client";
import { PREFIX, type Registry } from "./registry.ts";

/** Registers the count of `errors`, which has it by module; nothing without it. */
export function registerLoggedErrors(
  registry: Registry,
  errors: ReadonlyMap<string, number> | undefined,
): void {
  if (errors === undefined) return;
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
}
