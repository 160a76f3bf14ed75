/**
 * One span for each request, when spans are recorded: by Deno with
 * `OTEL_DENO=true`, or by an embedding program that has set up OpenTelemetry.
 *
 * The span belongs to the trace of the request, if there is one, and the
 * forwarded request continues it. The format is W3C Trace Context
 * (`traceparent`), or what the environment names.
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
import type { Component } from "./errors/error_page.ts";
import { originOf } from "./origin.ts";

/** From this status on a request has failed (OpenTelemetry's conventions for HTTP servers). */
const FIRST_ERROR = 500;

/**
 * `handler`, whose requests have spans; `handler` itself when none are
 * recorded. A span ends with the header section of the response.
 *
 * @param handler Never throws.
 */
export function traceExchanges(
  handler: Handler,
  component: Component,
): Handler {
  // A recorder of spans registers a propagator.
  if (propagation.fields().length === 0) return handler;
  const tracer = trace.getTracer(component);
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

/** Without path and query: they often hold secrets, and traces are rarely guarded. */
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
