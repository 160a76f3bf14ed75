/**
 * A registry of metrics for one running system, so that two of them in one
 * process do not mix their numbers.
 */
import { cpuUsage, memoryUsage } from "node:process";
import { Counter, Gauge, Registry } from "prom-client";

/** Every metric name begins so. */
export const PREFIX = "sallyport_";

/** What is known of the program that runs. */
export interface BuildInfo {
  readonly version: string;
  readonly commit: string;
  readonly time: string;
}

/** Makes a registry that holds `sallyport_version` and the process metrics. */
export function createRegistry(
  { version, commit, time }: BuildInfo,
): Registry {
  const registry = new Registry();
  new Gauge({
    name: `${PREFIX}version`,
    help: "Version of the program; the value is always 1.",
    labelNames: ["version", "commit", "time"],
    registers: [registry],
  }).set({ version, commit, time }, 1);
  processMetrics(registry);
  processTime(registry);
  return registry;
}

function processMetrics(registry: Registry): void {
  const startedAt = Date.now() / 1000 - performance.now() / 1000;
  const gauge = (name: string, help: string, value: () => number): void => {
    new Gauge({
      name: `${PREFIX}process_${name}`,
      help,
      registers: [registry],
      collect() {
        this.set(value());
      },
    });
  };
  gauge(
    "start_time_seconds",
    "Start of the process in seconds since 1970.",
    () => startedAt,
  );
  gauge(
    "resident_memory_bytes",
    "Memory of the process in bytes.",
    () => memoryUsage().rss,
  );
  gauge(
    "heap_bytes",
    "Memory used by JavaScript objects in bytes.",
    () => memoryUsage().heapUsed,
  );
}

/** User and system time together, as the operating system counts it. */
function processTime(registry: Registry): void {
  new Counter({
    name: `${PREFIX}process_cpu_seconds_total`,
    help: "Time of all processors that the process has used, in seconds.",
    registers: [registry],
    collect() {
      const { user, system } = cpuUsage();
      this.reset();
      this.inc((user + system) / 1e6);
    },
  });
}

export type { Registry };
