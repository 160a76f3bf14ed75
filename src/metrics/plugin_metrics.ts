/**
 * What is counted of plugins: calls of each hook, how many of them failed, and
 * how long they took.
 */
import { Counter, Gauge } from "prom-client";
import { DurationTally, tallyHistogram } from "./duration_tally.ts";
import { PREFIX, readCounter } from "./read_metrics.ts";
import type { Registry } from "./registry.ts";

/** Seconds: from a hook that looks at a field to one at the end of its time. */
const BUCKETS = [0.00001, 0.00005, 0.0001, 0.0005, 0.001, 0.01, 0.1, 1, 5];

/** Names with label values of their own: all of a folder. An editor's renames cannot make up more. */
const MAX_NAMES = 250;
const OTHER = "OTHER";

type Tally = DurationTally<"plugin" | "hook">;

/** One call of one hook. */
export interface CountedCall {
  readonly plugin: string;
  readonly hook: string;
  readonly seconds: number;
  readonly failed: boolean;
}

/** Counters of the plugins of one client. */
export class PluginMetrics {
  readonly #errors: Counter<"plugin" | "hook">;
  readonly #skipped: Counter<"plugin" | "hook">;
  readonly #enabled: Gauge<"plugin">;
  readonly #readBytes: Gauge;
  readonly #readsRefused: Counter;
  readonly #failing: Gauge<"plugin">;
  readonly #socketsClosed: Counter<"code">;
  readonly #names = new Set<string>();
  /** By plugin and hook. */
  readonly #calls = new Map<string, Map<string, Tally>>();

  constructor(registry: Registry) {
    const registers = [registry];
    const labelNames = ["plugin", "hook"] as const;
    readCounter(registry, {
      name: "plugin_calls_total",
      help: "Calls of hooks that have ended, well or not.",
      labels: labelNames,
      read: () => this.#tallies().map(({ labels, count }) => [labels, count]),
    });
    this.#errors = new Counter({
      name: `${PREFIX}plugin_errors_total`,
      help: "Calls of hooks that failed.",
      labelNames,
      registers,
    });
    this.#skipped = new Counter({
      name: `${PREFIX}plugin_skipped_total`,
      help: "Failed calls after which the request passed without the plugin.",
      labelNames,
      registers,
    });
    tallyHistogram({
      name: `${PREFIX}plugin_call_duration_seconds`,
      help: "How long a call of a hook took, in seconds.",
      labelNames,
      buckets: BUCKETS,
      registers,
    }, () => this.#tallies());
    this.#enabled = new Gauge({
      name: `${PREFIX}plugin_enabled`,
      help: "1 for plugins in use, 0 for those that have been removed.",
      labelNames: ["plugin"],
      registers,
    });
    this.#failing = new Gauge({
      name: `${PREFIX}plugin_failing`,
      help: "1 for plugins of which the last call of a hook failed.",
      labelNames: ["plugin"],
      registers,
    });
    this.#readBytes = new Gauge({
      name: `${PREFIX}plugin_read_bytes`,
      help: "Content that hooks have read and that is in memory, in bytes.",
      registers,
    });
    this.#socketsClosed = new Counter({
      name: `${PREFIX}plugin_websockets_closed_total`,
      help: "WebSockets of plugins that could not go on, by close code: " +
        "1002 and 1007 broken, 1009 too large, 1011 a hook failed, 1013 no room.",
      labelNames: ["code"],
      registers,
    });
    this.#readsRefused = new Counter({
      name: `${PREFIX}plugin_reads_refused_total`,
      help: "Content that a hook could not read, because others kept too much.",
      registers,
    });
  }

  /** Counts a WebSocket that was closed, because it could not go on. */
  countSocketClosed(code: number): void {
    this.#socketsClosed.inc({ code: String(code) });
  }

  /** Sets how much content hooks keep in memory. */
  setReadBytes(bytes: number): void {
    this.#readBytes.set(bytes);
  }

  /** Counts content that was not read, because others kept too much. */
  countReadRefused(): void {
    this.#readsRefused.inc();
  }

  /** Counts a call that has ended. */
  observe({ plugin, hook, seconds, failed }: CountedCall): void {
    this.#tallyOf(this.#labelOf(plugin), hook).add(seconds);
    if (failed) this.#errors.inc({ plugin: this.#labelOf(plugin), hook });
  }

  /** Counts a request that went on although a hook failed. */
  skipped(plugin: string, hook: string): void {
    this.#skipped.inc({ plugin: this.#labelOf(plugin), hook });
  }

  /** Notes whether the last call of any hook of a plugin failed. */
  setFailing(plugin: string, isFailing: boolean): void {
    this.#failing.set({ plugin: this.#labelOf(plugin) }, isFailing ? 1 : 0);
  }

  /** Notes whether a plugin is in use. */
  setEnabled(plugin: string, isEnabled: boolean): void {
    this.#enabled.set({ plugin: this.#labelOf(plugin) }, isEnabled ? 1 : 0);
  }

  #tallyOf(plugin: string, hook: string): Tally {
    const ofPlugin = this.#calls.getOrInsertComputed(plugin, () => new Map());
    return ofPlugin.getOrInsertComputed(
      hook,
      () => new DurationTally({ plugin, hook }, BUCKETS),
    );
  }

  #tallies(): IteratorObject<Tally> {
    return this.#calls.values().flatMap((ofPlugin) => ofPlugin.values());
  }

  #labelOf(plugin: string): string {
    if (this.#names.has(plugin)) return plugin;
    if (this.#names.size >= MAX_NAMES) return OTHER;
    this.#names.add(plugin);
    return plugin;
  }
}
