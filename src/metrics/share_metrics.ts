import { Counter } from "prom-client";
import { PREFIX, type Registry } from "./registry.ts";

/** Where the numbers are. */
export interface ShareSources {
  /** Entries that had to make room, by table. */
  readonly evictions: ReadonlyMap<string, number>;
  /** Connections and live pages that were cut because their rights were over. */
  readonly cuts: () => number;
}

/** Registers the numbers. */
export function registerShares(
  registry: Registry,
  { evictions, cuts }: ShareSources,
): void {
  new Counter({
    name: `${PREFIX}evictions_total`,
    help: "Entries of shared tables that had to make room, by table.",
    labelNames: ["table"],
    registers: [registry],
    collect() {
      this.reset();
      for (const [table, count] of evictions) this.inc({ table }, count);
    },
  });
  new Counter({
    name: `${PREFIX}connections_cut_total`,
    help: "Connections and live pages that were cut: their rights were over.",
    registers: [registry],
    collect() {
      this.reset();
      this.inc(cuts());
    },
  });
}
