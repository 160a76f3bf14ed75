import { readCounter, samplesBy } from "./read_metrics.ts";
import type { Registry } from "./registry.ts";

/** Registers the count of `errors`, which has it by module; nothing without it. */
export function registerLoggedErrors(
  registry: Registry,
  errors: ReadonlyMap<string, number> | undefined,
): void {
  if (errors === undefined) return;
  readCounter(registry, {
    name: "errors_total",
    help: "Lines of level error in the log, by module.",
    labels: ["name"],
    read: () => samplesBy("name", errors),
  });
}
