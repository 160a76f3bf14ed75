// Limits the rate of content to what its tunnel may use. Only content waits, not
// the frames of the session: frames show that both ends are alive. The flow
// control windows bound how much content waits.
import type {
  ExchangeContext,
  ProxyRequest,
  ProxyResponse,
} from "../../http/exchange.ts";
import { limitBody } from "../../http/limited_body.ts";
import { limitRate, type RateLimits } from "../../net/stream/rate_limit.ts";

/** Sends requests, as sessions do. */
type Send<Context extends ExchangeContext> = (
  request: ProxyRequest,
  context: Context,
) => Promise<ProxyResponse>;

/**
 * Applies the limits of a tunnel to `send`: `write` to content for its client,
 * `read` to content from it. Returns `send` itself if there are no limits.
 */
export function limitContentRate<Context extends ExchangeContext>(
  send: Send<Context>,
  limits: RateLimits | undefined,
): Send<Context> {
  if (limits === undefined) return send;
  return async function sendLimited(request, context) {
    const { signal } = context;
    const limited = limitRequest(request, limits, signal);
    return limitResponse(await send(limited, context), limits, signal);
  };
}

function limitRequest(
  request: ProxyRequest,
  { write }: RateLimits,
  signal: AbortSignal,
): ProxyRequest {
  if (request.kind !== "request" || request.body === undefined) return request;
  if (write === undefined) return request;
  return { ...request, body: limitBody(request.body, write, signal) };
}

function limitResponse(
  response: ProxyResponse,
  limits: RateLimits,
  signal: AbortSignal,
): ProxyResponse {
  if (response.kind === "stream") {
    return { ...response, stream: limitRate(response.stream, limits) };
  }
  const { body } = response;
  if (body === undefined || limits.read === undefined) return response;
  return { ...response, body: limitBody(body, limits.read, signal) };
}
