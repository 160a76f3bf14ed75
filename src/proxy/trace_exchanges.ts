/**
 * A span for each exchange, where the runtime records spans: Deno with
 * `OTEL_DENO=true`, or a program that embeds this one and has set up
 * OpenTelemetry itself.
 *
 * The trace is that of the request, if it belongs to one, and goes on in the
 * request that is sent: W3C Trace Context (`traceparent`) unless the
 * environment names other propagators.
 *
 * @module
 */
import {
  type Context,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  type TextMapGetter,
  type TextMapSetter,
  trace,
} from "@opentelemetry/api";
import type { Handler, ProxyRequest } from "../http/exchange.ts";
import type { Fields } from "../http/fields.ts";
import { originOf } from "./origin.ts";

/** Which of the two proxies makes the spans. */
export type TracingPlace = "sallyport client" | "sallyport server";

/** From this status on an exchange has failed (OpenTelemetry's conventions for HTTP servers). */
const FIRST_ERROR = 500;

/**
 * `handler`, whose exchanges have spans; itself where nobody records any. A
 * span ends with the head of the answer.
 *
 * @param handler It never throws.
 */
export function traceExchanges(
  handler: Handler,
  place: TracingPlace,
): Handler {
  // What records spans says how it passes them on.
  if (propagation.fields().length === 0) return handler;
  const tracer = trace.getTracer(place);
  return async function tracing(request, context) {
    const parent = propagation.extract(ROOT_CONTEXT, request.fields, GETTER);
    const span = tracer.startSpan(request.method, {
      kind: SpanKind.SERVER,
      attributes: { ...describe(request), "sallyport.exchange": context.id },
    }, parent);
    try {
      const next = withSpan(request, trace.setSpan(parent, span));
      const response = await handler(next, context);
      conclude(span, response.status, response.fields);
      return response;
    } finally {
      span.end();
    }
  };
}

/** Paths and queries stay out of it: they hold secrets more often than traces are guarded. */
function describe(request: ProxyRequest): Record<string, string | number> {
  const { hostname, port, secure } = originOf(request);
  return {
    "http.request.method": request.method,
    "server.address": hostname,
    "server.port": port,
    ...request.kind !== "connect" &&
      { "url.scheme": secure ? "https" : "http" },
  };
}

function withSpan(request: ProxyRequest, context: Context): ProxyRequest {
  const fields = request.fields.clone();
  propagation.inject(context, fields, SETTER);
  return { ...request, fields };
}

function conclude(span: Span, status: number, fields: Fields): void {
  span.setAttribute("http.response.status_code", status);
  if (status < FIRST_ERROR) return;
  const [reason = `${status}`] = fields.get("X-Sallyport-Error")?.split(" ") ??
    [];
  span.setAttribute("error.type", reason);
  span.setStatus({ code: SpanStatusCode.ERROR });
}

const GETTER: TextMapGetter<Fields> = {
  get: (fields, name) => fields.get(name),
  keys: (fields) => [...fields].map(([name]) => name),
};

const SETTER: TextMapSetter<Fields> = {
  set: (fields, name, value) => fields.set(name, value),
};
