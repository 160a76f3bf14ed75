/**
 * What is counted for each request, in plain numbers: responses, and calls of
 * plugins.
 *
 * Every request is counted, and the counts are read once in many seconds. The
 * series of prom-client look up and check their labels at each count, which
 * costs a tenth of a small request.
 */
import { Histogram } from "prom-client";

type HistogramConfig<Label extends string> = ConstructorParameters<
  typeof Histogram<Label>
>[0];

/** Number and durations of what has one set of labels. */
export class DurationTally<Label extends string> {
  readonly labels: Readonly<Record<Label, string>>;
  /** How many up to each bound and above the one before; the last is above all bounds. */
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

  /** How many there were. */
  get count(): number {
    return this.#count;
  }

  /** How long they took together. */
  get seconds(): number {
    return this.#seconds;
  }

  /** Counts one that took so many seconds. */
  add(seconds: number): void {
    let at = 0;
    while (at < this.#bounds.length && seconds > (this.#bounds[at] ?? 0)) at++;
    this.counts[at] = (this.counts[at] ?? 0) + 1;
    this.#count += 1;
    this.#seconds += seconds;
  }
}

/** Makes a histogram that reads tallies at each scrape. */
export function tallyHistogram<Label extends string>(
  config: HistogramConfig<Label> & { readonly buckets: number[] },
  tallies: () => Iterable<DurationTally<Label>>,
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
  { labels, counts, count, seconds }: DurationTally<string>,
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
