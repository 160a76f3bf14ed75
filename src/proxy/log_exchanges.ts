import type {
  Body,
  ExchangeContext,
  Handler,
  ProxyRequest,
  ProxyResponse,
} from "../http/exchange.ts";
import type { Fields } from "../http/fields.ts";
import { tapBody } from "../http/tapped_body.ts";
import type { HttpLogMode } from "../log/http_log.ts";
import { type HttpExchangeFacts, logHttp } from "../log/http_message.ts";
import type { Logger } from "../log/log.ts";
import { SampledText } from "../log/sampled_text.ts";

/** `handler`, whose exchanges are logged; itself where nothing is. It never throws if `handler` never does. */
export function logExchanges(
  handler: Handler,
  mode: HttpLogMode,
  log: Logger,
): Handler {
  if (mode === "none") return handler;
  return mode === "body" ? withContent(handler, log) : async (...exchange) => {
    const startedAt = performance.now();
    const response = await handler(...exchange);
    logHttp(log, mode, factsOf(exchange, response, startedAt));
    return response;
  };
}

/** The line is written when all content of the response has passed, or no more will. */
function withContent(handler: Handler, log: Logger): Handler {
  return async function logWithContent(request, context) {
    const startedAt = performance.now();
    const sent = sampleOf(request.fields);
    const response = await handler(sampledRequest(request, sent), context);
    const facts = factsOf([request, context], response, startedAt);
    const received = sampleOf(response.fields);
    const write = () =>
      logHttp(log, "body", {
        ...facts,
        requestBody: String(sent),
        responseBody: String(received),
      });
    if (response.kind === "response" && response.body !== undefined) {
      return { ...response, body: sampled(response.body, received, write) };
    }
    write();
    return response;
  };
}

function factsOf(
  [request, { id, user, job }]: readonly [ProxyRequest, ExchangeContext],
  { status, fields }: ProxyResponse,
  startedAt: number,
): HttpExchangeFacts {
  return {
    id,
    user,
    job,
    method: request.method,
    url: request.kind === "connect"
      ? request.authority
      : `${request.scheme}://${request.authority}${request.path}`,
    status,
    duration: performance.now() - startedAt,
    request: request.fields,
    response: fields,
  };
}

function sampleOf(fields: Fields): SampledText {
  return new SampledText(
    fields.get("content-type"),
    fields.get("content-encoding"),
  );
}

function sampledRequest(
  request: ProxyRequest,
  sample: SampledText,
): ProxyRequest {
  if (request.kind !== "request" || request.body === undefined) return request;
  return { ...request, body: sampled(request.body, sample, () => {}) };
}

function sampled(body: Body, sample: SampledText, onEnd: () => void): Body {
  return tapBody(body, { onPiece: (piece) => sample.add(piece), onEnd });
}
