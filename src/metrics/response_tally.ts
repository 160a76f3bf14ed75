/**
 * Responses, counted in plain numbers: by method and status, and by class of status.
 *
 * Every request is counted, and the counts are read once in many seconds. The
 * series of prom-client look up and check their labels at each count, which
 * costs a tenth of a small request.
 */
import { Histogram } from "prom-client";

type Label = "code" | "method";
type HistogramConfig = ConstructorParameters<typeof Histogram<Label>>[0];

/** Number and durations of responses. */
export class ResponseTally {
  readonly labels: Readonly<Record<Label, string>>;
  /** Responses up to each bound and above the one before; the last is above all bounds. */
  readonly counts: number[];
  readonly #bounds: readonly number[];
  #count = 0;
  #seconds = 0;

  /** @param bounds In seconds, ascending. */
  constructor(
    labels: Readonly<Record<Label, string>>,
    bounds: readonly number[],
  ) {
    this.labels = labels;
    this.#bounds = bounds;
    this.counts = new Array<number>(bounds.length + 1).fill(0);
  }

  /** Number of responses. */
  get count(): number {
    return this.#count;
  }

  /** How long they took together. */
  get seconds(): number {
    return this.#seconds;
  }

  /** Counts a response that took so many seconds. */
  add(seconds: number): void {
    let at = 0;
    while (at < this.#bounds.length && seconds > (this.#bounds[at] ?? 0)) at++;
    this.counts[at] = (this.counts[at] ?? 0) + 1;
    this.#count += 1;
    this.#seconds += seconds;
  }
}

/** Makes a histogram that reads tallies at each scrape. */
export function tallyHistogram(
  config: HistogramConfig & { readonly buckets: number[] },
  tallies: () => Iterable<ResponseTally>,
): void {
  const { name, help, buckets } = config;
  const read = () =>
    Promise.resolve({
      name,
      help,
      type: "histogram",
      values: [...tallies()].flatMap((tally) =>
        valuesOf(tally, { name, bounds: buckets })
      ),
      aggregator: "sum",
    });
  // The registry asks for the second one where there is one.
  Object.assign(new Histogram(config), { get: read, getForPromString: read });
}

interface HistogramValue {
  readonly metricName: string;
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
}

/** The lines of one series: buckets count all that is below their bound. */
function valuesOf(
  { labels, counts, count, seconds }: ResponseTally,
  { name, bounds }: {
    readonly name: string;
    readonly bounds: readonly number[];
  },
): HistogramValue[] {
  const bucket = (le: number | string, value: number) => ({
    metricName: `${name}_bucket`,
    labels: { le, ...labels },
    value,
  });
  let within = 0;
  return [
    ...bounds.map((bound, at) => bucket(bound, within += counts[at] ?? 0)),
    bucket("+Inf", count),
    { metricName: `${name}_sum`, labels, value: seconds },
    { metricName: `${name}_count`, labels, value: count },
  ];
}

/** Classes of status codes: the first digit, 1 to 9. */
const CLASSES = 10;

/** Numbers of responses by class. They never go down. */
export class StatusClasses {
  readonly #counts = new Array<number>(CLASSES).fill(0);

  /** Counts a response with this status, 100 to 999. */
  count(status: number): void {
    this.#add(Math.floor(status / 100), 1);
  }

  /** Adds the numbers of others, which count no more. */
  addAll(others: StatusClasses): void {
    for (const [digit, count] of others.#counts.entries()) {
      this.#add(digit, count);
    }
  }

  /** Each class that is usual or was counted, as `2xx`, and its number. */
  get byClass(): readonly (readonly [code: string, count: number])[] {
    return this.#counts.flatMap((count, digit) =>
      isUsual(digit) || count > 0 ? [[`${digit}xx`, count] as const] : []
    );
  }

  #add(digit: number, count: number): void {
    this.#counts[digit] = (this.#counts[digit] ?? 0) + count;
  }
}

/** Classes with a series from the start: a rate needs two values. */
function isUsual(digit: number): boolean {
  return digit >= 2 && digit <= 5;
}
