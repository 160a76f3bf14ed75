/**
 * What a proxy counts: exchanges, how long they took to be answered, and
 * failures by reason.
 *
 * @module
 */
import { Counter, Gauge, Histogram } from "prom-client";
import { PREFIX, type Registry } from "./registry.ts";

/** Methods with a label value of their own; a peer cannot make up more. */
const METHODS: ReadonlySet<string> = new Set(
  [
    "GET",
    "HEAD",
    "POST",
    "PUT",
    "PATCH",
    "DELETE",
    "OPTIONS",
    "TRACE",
    "CONNECT",
  ],
);

/** Seconds: from a page on the same host to a slow report. */
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** Counters of one proxy. */
export class ProxyMetrics {
  readonly #requests: Counter<"code" | "method">;
  readonly #inFlight: Gauge<"method">;
  readonly #duration: Histogram<"code" | "method">;
  readonly #errors: Counter<"reason">;
  #answered = 0;
  readonly #knownInFlight = new Map<string, Gauge.Internal<"method">>();
  readonly #knownAnswers = new Map<string, Answers>();

  constructor(registry: Registry) {
    const registers = [registry];
    this.#requests = new Counter({
      name: `${PREFIX}http_requests_total`,
      help: "Exchanges that were answered.",
      labelNames: ["code", "method"],
      registers,
    });
    this.#inFlight = new Gauge({
      name: `${PREFIX}http_requests_in_flight`,
      help: "Exchanges that wait for their answer.",
      labelNames: ["method"],
      registers,
    });
    this.#duration = new Histogram({
      name: `${PREFIX}http_request_duration_seconds`,
      help: "Time from a request to the header of its answer, in seconds.",
      labelNames: ["code", "method"],
      buckets: BUCKETS,
      registers,
    });
    this.#errors = new Counter({
      name: `${PREFIX}proxy_errors_total`,
      help: "Exchanges that the proxy could not carry out.",
      labelNames: ["reason"],
      registers,
    });
  }

  /** Counts an exchange that begins. */
  begin(method: string): void {
    this.#inFlightOf(labelOf(method)).inc();
  }

  /** How many exchanges were answered. */
  get answered(): number {
    return this.#answered;
  }

  /** Counts its answer. */
  end(method: string, status: number, seconds: number): void {
    const label = labelOf(method);
    this.#inFlightOf(label).dec();
    const { requests, duration } = this.#answersOf(label, status);
    requests.inc();
    this.#answered += 1;
    duration.observe(seconds);
  }

  /** Counts a failure of the proxy itself. */
  fail(reason: string): void {
    this.#errors.inc({ reason });
  }

  /** Looked up once for each method: finding a series by its labels costs more than counting. */
  #inFlightOf(method: string): Gauge.Internal<"method"> {
    const known = this.#knownInFlight.get(method);
    if (known !== undefined) return known;
    const series = this.#inFlight.labels({ method });
    this.#knownInFlight.set(method, series);
    return series;
  }

  #answersOf(method: string, status: number): Answers {
    const key = `${status} ${method}`;
    const known = this.#knownAnswers.get(key);
    if (known !== undefined) return known;
    const labels = { code: String(status), method };
    const series = {
      requests: this.#requests.labels(labels),
      duration: this.#duration.labels(labels),
    };
    this.#knownAnswers.set(key, series);
    return series;
  }
}

/** What counts answers of one method and status. */
interface Answers {
  readonly requests: Counter.Internal;
  readonly duration: Histogram.Internal<"code" | "method">;
}

function labelOf(method: string): string {
  return METHODS.has(method) ? method : "OTHER";
}
