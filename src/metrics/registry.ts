/**
 * A registry of metrics for one running system, so that two of them in one
 * process do not mix their numbers.
 */
import { cpuUsage, memoryUsage } from "node:process";
import { Registry } from "prom-client";
import { readCounter, readGauge } from "./read_metrics.ts";

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
  readGauge(registry, {
    name: "version",
    help: "Version of the program; the value is always 1.",
    labels: ["version", "commit", "time"],
    read: () => [[{ version, commit, time }, 1]],
  });
  processMetrics(registry);
  return registry;
}

function processMetrics(registry: Registry): void {
  const startedAt = Date.now() / 1000 - performance.now() / 1000;
  readGauge(registry, {
    name: "process_start_time_seconds",
    help: "Start of the process in seconds since 1970.",
    read: () => startedAt,
  });
  readGauge(registry, {
    name: "process_resident_memory_bytes",
    help: "Memory of the process in bytes.",
    read: () => memoryUsage().rss,
  });
  readGauge(registry, {
    name: "process_heap_bytes",
    help: "Memory used by JavaScript objects in bytes.",
    read: () => memoryUsage().heapUsed,
  });
  // User and system time together, as the operating system counts it.
  readCounter(registry, {
    name: "process_cpu_seconds_total",
    help: "Time of all processors that the process has used, in seconds.",
    read: () => {
      const { user, system } = cpuUsage();
      return (user + system) / 1e6;
    },
  });
}

export type { Registry };
