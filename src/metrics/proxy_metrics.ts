/**
 * What a proxy counts: requests, their time to the response header, and
 * failures by reason.
 */
import { Counter } from "prom-client";
import { DurationTally, tallyHistogram } from "./duration_tally.ts";
import { PREFIX, readCounter, readGauge, samplesBy } from "./read_metrics.ts";
import type { Registry } from "./registry.ts";

/** Methods with a label value of their own; a peer cannot make up more. */
const METHODS: ReadonlySet<string> = new Set(
  "GET HEAD POST PUT PATCH DELETE OPTIONS TRACE CONNECT".split(" "),
);

/** Seconds: from a page on the same host to a slow report. */
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** What is counted as the status of a request without a response: that of many servers' logs. */
export const NO_RESPONSE = 499;

type Tally = DurationTally<"code" | "method">;

/** Counters of one proxy. */
export class ProxyMetrics {
  readonly #errors: Counter<"reason">;
  /** Requests that wait for their response, by method. */
  readonly #inFlight = new Map<string, number>();
  /** By status and method: a few dozen of each are what peers can make. */
  readonly #tallies = new Map<string, Tally>();
  #answered = 0;

  constructor(registry: Registry) {
    const registers = [registry];
    readCounter(registry, {
      name: "http_requests_total",
      help: "Requests that got a response.",
      labels: ["code", "method"],
      read: () =>
        this.#tallies.values().map(({ labels, count }) => [labels, count]),
    });
    readGauge(registry, {
      name: "http_requests_in_flight",
      help: "Requests that wait for their response.",
      labels: ["method"],
      read: () => samplesBy("method", this.#inFlight),
    });
    tallyHistogram({
      name: `${PREFIX}http_request_duration_seconds`,
      help:
        "Time from a request to the header section of its response, in seconds.",
      labelNames: ["code", "method"],
      buckets: BUCKETS,
      registers,
    }, () => this.#tallies.values());
    this.#errors = new Counter({
      name: `${PREFIX}proxy_errors_total`,
      help: "Requests that failed.",
      labelNames: ["reason"],
      registers,
    });
  }

  /** Counts an exchange that begins. */
  begin(method: string): void {
    this.#addInFlight(labelOf(method), 1);
  }

  /** How many requests got a response. */
  get answered(): number {
    return this.#answered;
  }

  /** Counts its response. */
  end(method: string, status: number, seconds: number): void {
    const label = labelOf(method);
    this.#addInFlight(label, -1);
    this.#answered += 1;
    this.#tallyOf(label, status).add(seconds);
  }

  /** Counts a failure of the proxy itself. */
  fail(reason: string): void {
    this.#errors.inc({ reason });
  }

  #addInFlight(method: string, change: number): void {
    this.#inFlight.set(method, (this.#inFlight.get(method) ?? 0) + change);
  }

  #tallyOf(method: string, status: number): Tally {
    const key = `${status} ${method}`;
    const known = this.#tallies.get(key);
    if (known !== undefined) return known;
    const made = new DurationTally({ code: String(status), method }, BUCKETS);
    this.#tallies.set(key, made);
    return made;
  }
}

function labelOf(method: string): string {
  return METHODS.has(method) ? method : "OTHER";
}
