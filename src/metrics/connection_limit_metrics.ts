import { readCounter, readGauge } from "./read_metrics.ts";
import type { Registry } from "./registry.ts";

/** What is counted of the connections that ports accept. */
export interface ConnectionCounts {
  /** The most that may be open. */
  readonly max: number;
  /** How often the system had no file left for a connection. */
  readonly timesOutOfFiles: number;
  /** By name of the port; `refused` by reason. */
  readonly ports: ReadonlyMap<
    string,
    {
      readonly open: number;
      readonly pending: number;
      readonly refused: ReadonlyMap<string, number>;
    }
  >;
}

/** Registers what `counts` says whenever it is read. */
export function registerConnectionLimits(
  registry: Registry,
  counts: ConnectionCounts,
): void {
  const { ports } = counts;
  readGauge(registry, {
    name: "connections_open",
    help: "Connections that are open, by port.",
    labels: ["port"],
    read: () => ports.entries().map(([port, { open }]) => [{ port }, open]),
  });
  readGauge(registry, {
    name: "connections_pending",
    help: "Open connections without a login so far, by port.",
    labels: ["port"],
    read: () =>
      ports.entries().map(([port, { pending }]) => [{ port }, pending]),
  });
  readGauge(registry, {
    name: "connections_limit",
    help: "Connections that may be open in all.",
    read: () => counts.max,
  });
  readCounter(registry, {
    name: "connections_refused_total",
    help: "Connections that were not served, or not to their end.",
    labels: ["port", "reason"],
    read: () =>
      ports.entries().flatMap(([port, { refused }]) =>
        refused.entries().map(([reason, count]) => [{ port, reason }, count])
      ),
  });
  readCounter(registry, {
    name: "out_of_files_total",
    help: "Times that the system had no file left for a connection.",
    read: () => counts.timesOutOfFiles,
  });
}
