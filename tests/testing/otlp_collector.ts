/**
 * Takes the spans that programs send by OTLP over HTTP, in JSON.
 *
 * @module
 */
import { z } from "zod";
import { within } from "./deadline.ts";

const VALUE = z.object({
  stringValue: z.string().optional(),
  /** Deno sends all numbers so. */
  doubleValue: z.coerce.string().optional(),
});

const ATTRIBUTES = z.array(z.object({ key: z.string(), value: VALUE }))
  .transform((list) =>
    Object.fromEntries(
      list.map(({ key, value: { stringValue, doubleValue } }) => [
        key,
        stringValue ?? doubleValue ?? "",
      ]),
    )
  );

interface SentSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** 2 is an error. */
  readonly status: { readonly code: number };
}

const SPAN: z.ZodType<SentSpan> = z.object({
  traceId: z.string(),
  spanId: z.string(),
  parentSpanId: z.string(),
  name: z.string(),
  attributes: ATTRIBUTES,
  status: z.object({ code: z.int() }),
});

const TRACES = z.object({
  resourceSpans: z.array(z.object({
    resource: z.object({ attributes: ATTRIBUTES }),
    scopeSpans: z.array(z.object({
      scope: z.object({ name: z.string() }),
      spans: z.array(SPAN),
    })),
  })),
});

/** A span as it was sent. */
export interface CollectedSpan extends SentSpan {
  /** `service.name` of the program. */
  readonly service: string;
  /** What made the span. */
  readonly scope: string;
}

/** A collector on a port that the system chose. */
export class OtlpCollector implements AsyncDisposable {
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #spans: CollectedSpan[] = [];
  #arrived = Promise.withResolvers<void>();

  constructor() {
    this.#server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen() {} },
      async (request) => {
        const text = await request.text();
        if (new URL(request.url).pathname === "/v1/traces") this.#take(text);
        return Response.json({});
      },
    );
  }

  /** What sends the spans of a program here, soon after they have ended. */
  environmentOf(service: string): Readonly<Record<string, string>> {
    return {
      OTEL_DENO: "true",
      OTEL_SERVICE_NAME: service,
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${this.#server.addr.port}`,
      OTEL_BSP_SCHEDULE_DELAY: "20",
    };
  }

  /** Waits for the spans that match until there are `count`. */
  async matching(
    matches: (span: CollectedSpan) => boolean,
    count: number,
  ): Promise<readonly CollectedSpan[]> {
    for (;;) {
      const found = this.#spans.filter(matches);
      if (found.length >= count) return found;
      const what = `${count} spans, among ${JSON.stringify(this.#spans)}`;
      await within(this.#arrived.promise, what);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }

  #take(text: string): void {
    const { resourceSpans } = TRACES.parse(JSON.parse(text));
    for (const { resource, scopeSpans } of resourceSpans) {
      const service = resource.attributes["service.name"] ?? "";
      for (const { scope, spans } of scopeSpans) {
        const own = { service, scope: scope.name };
        this.#spans.push(...spans.map((span) => ({ ...span, ...own })));
      }
    }
    this.#arrived.resolve();
    this.#arrived = Promise.withResolvers();
  }
}
