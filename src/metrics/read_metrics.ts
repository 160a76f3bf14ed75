/** Metrics of numbers that are counted elsewhere: each scrape reads them. */
import { Counter, Gauge, type Registry } from "prom-client";

/** Every metric name begins so. */
export const PREFIX = "sallyport_";

/** The value of one series. */
export type Sample = readonly [
  labels: Readonly<Record<string, string>>,
  value: number,
];

/** A metric, and where its values are. */
export interface ReadMetric {
  /** Without the prefix of all names. */
  readonly name: string;
  readonly help: string;
  readonly labels?: readonly string[];
  /** One value, or one for each series; without labels, `undefined` is unknown. */
  readonly read: () => number | undefined | Iterable<Sample>;
}

/** Registers a number that goes up and down. */
export function readGauge(registry: Registry, metric: ReadMetric): void {
  new Gauge({
    ...configOf(registry, metric),
    collect() {
      this.reset();
      const values = metric.read();
      if (values === undefined) this.remove();
      else if (typeof values === "number") this.set(values);
      else for (const [labels, value] of values) this.set(labels, value);
    },
  });
}

/** Registers a number that only goes up. */
export function readCounter(registry: Registry, metric: ReadMetric): void {
  new Counter({
    ...configOf(registry, metric),
    collect() {
      this.reset();
      const values = metric.read() ?? 0;
      if (typeof values === "number") this.inc(values);
      else for (const [labels, value] of values) this.inc(labels, value);
    },
  });
}

/** The samples of numbers by the value of their only label. */
export function samplesBy(
  label: string,
  numbers: Iterable<readonly [value: string, number: number]>,
): Iterable<Sample> {
  return Iterator.from(numbers)
    .map(([value, number]) => [{ [label]: value }, number]);
}

function configOf(
  registry: Registry,
  { name, help, labels = [] }: ReadMetric,
): ConstructorParameters<typeof Gauge<string>>[0] {
  const labelNames = [...labels];
  return { name: PREFIX + name, help, labelNames, registers: [registry] };
}
