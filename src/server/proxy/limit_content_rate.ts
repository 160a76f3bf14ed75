/**
 * Exchanges whose content keeps to the rates of their tunnel.
 *
 * Content is held back, not the frames of the session: those tell that both
 * ends are alive, and what waits behind them is no more than the windows allow.
 *
 * @module
 */
import type {
  ExchangeContext,
  ProxyRequest,
  ProxyResponse,
} from "../../http/exchange.ts";
import { limitBody } from "../../http/limited_body.ts";
import { limitRate, type RateLimits } from "../../net/stream/rate_limit.ts";

/** Sends exchanges somewhere, as sessions do. */
type Send<Context extends ExchangeContext> = (
  request: ProxyRequest,
  context: Context,
) => Promise<ProxyResponse>;

/**
 * The same `send` for a tunnel with such limits, `write` of what is sent to its
 * client and `read` of what comes from there; itself when it has none.
 */
export function limitContentRate<Context extends ExchangeContext>(
  send: Send<Context>,
  limits: RateLimits | undefined,
): Send<Context> {
  if (limits === undefined) return send;
  return async function sendLimited(request, context) {
    const response = await send(limitRequest(request, limits), context);
    return limitResponse(response, limits);
  };
}

function limitRequest(
  request: ProxyRequest,
  { write }: RateLimits,
): ProxyRequest {
  if (request.kind !== "request" || request.body === undefined) return request;
  if (write === undefined) return request;
  return { ...request, body: limitBody(request.body, write) };
}

function limitResponse(
  response: ProxyResponse,
  limits: RateLimits,
): ProxyResponse {
  if (response.kind === "stream") {
    return { ...response, stream: limitRate(response.stream, limits) };
  }
  const { body } = response;
  if (body === undefined || limits.read === undefined) return response;
  return { ...response, body: limitBody(body, limits.read) };
}
