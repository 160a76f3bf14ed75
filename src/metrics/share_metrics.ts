import { readCounter, samplesBy } from "./read_metrics.ts";
import type { Registry } from "./registry.ts";

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
  readCounter(registry, {
    name: "evictions_total",
    help: "Entries of shared tables that had to make room, by table.",
    labels: ["table"],
    read: () => samplesBy("table", evictions),
  });
  readCounter(registry, {
    name: "connections_cut_total",
    help: "Connections and live pages that were cut: their rights were over.",
    read: cuts,
  });
}
