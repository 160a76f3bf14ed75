import { Counter, Gauge } from "prom-client";
import { PREFIX, type Registry } from "./registry.ts";

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
  const registers = [registry];
  gauge("connections_open", "Connections that are open, by port.", "open");
  gauge(
    "connections_pending",
    "Open connections without a login so far, by port.",
    "pending",
  );
  new Gauge({
    name: `${PREFIX}connections_limit`,
    help: "Connections that may be open in all.",
    registers,
    collect() {
      this.set(counts.max);
    },
  });
  new Counter({
    name: `${PREFIX}connections_refused_total`,
    help: "Connections that were not served, or not to their end.",
    labelNames: ["port", "reason"],
    registers,
    collect() {
      this.reset();
      for (const [port, { refused }] of counts.ports) {
        for (const [reason, count] of refused) {
          this.inc({ port, reason }, count);
        }
      }
    },
  });
  new Counter({
    name: `${PREFIX}out_of_files_total`,
    help: "Times that the system had no file left for a connection.",
    registers,
    collect() {
      this.reset();
      this.inc(counts.timesOutOfFiles);
    },
  });

  function gauge(
    name: string,
    help: string,
    member: "open" | "pending",
  ): void {
    new Gauge({
      name: `${PREFIX}${name}`,
      help,
      labelNames: ["port"],
      registers,
      collect() {
        for (const [port, use] of counts.ports) this.set({ port }, use[member]);
      },
    });
  }
}
