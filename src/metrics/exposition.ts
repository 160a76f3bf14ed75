/**
 * Metrics as text, in the format that a scraper asks for: Prometheus' own, or
 * OpenMetrics 1.0.
 */
import { Registry } from "prom-client";

/** The response to a scrape. */
export interface Exposition {
  readonly contentType: string;
  readonly text: string;
}

const OPEN_METRICS = "application/openmetrics-text";

/**
 * Writes the metrics of `registry`.
 *
 * @param accept The Accept field of the scrape. A range that covers everything
 * asks for nothing in particular, and gets Prometheus' own format.
 */
export async function expose(
  registry: Registry,
  accept: string | undefined,
): Promise<Exposition> {
  const { contentType } = registry;
  if (!wantsOpenMetrics(accept ?? "")) {
    return { contentType, text: await registry.metrics() };
  }
  // A registry of its own: the format is a setting of the registry, and two
  // scrapes at the same time may want different ones.
  const view = new Registry<typeof Registry.OPENMETRICS_CONTENT_TYPE>();
  view.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
  for (const { name } of registry.getMetricsAsArray()) {
    const metric = registry.getSingleMetric(name);
    // prom-client renames the counters that it writes as OpenMetrics: it gets
    // objects that only look like the real ones.
    if (metric !== undefined) view.registerMetric(Object.create(metric));
  }
  return { contentType: view.contentType, text: await view.metrics() };
}

/** RFC 9110 §12.5.1: the weight of a format is 1 unless `q` says otherwise. */
function wantsOpenMetrics(accept: string): boolean {
  const wanted = weightOf(accept, OPEN_METRICS);
  return wanted > 0 && wanted >= weightOf(accept, "text/plain");
}

function weightOf(accept: string, type: string): number {
  const weights = accept.split(",")
    .map((range) => range.split(";").map((part) => part.trim().toLowerCase()))
    .filter(([name]) => name === type)
    .map((parts) =>
      Number(
        parts.find((part) => part.startsWith("q="))
          ?.slice(2) ?? 1,
      )
    );
  return Math.max(0, ...weights);
}
