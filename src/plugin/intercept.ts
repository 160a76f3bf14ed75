/**
 * Plugins around a handler: the one place where an exchange meets them.
 *
 * @module
 */
import type { Handler, ProxyResponse } from "../http/exchange.ts";
import type { HeldHooks } from "./generation.ts";

/**
 * A handler whose requests and answers pass through hooks.
 *
 * @param hold The hooks of now, for one exchange.
 */
export function intercept(hold: () => HeldHooks, handler: Handler): Handler {
  return async function intercepted(request, context) {
    if (request.kind === "connect") return await handler(request, context);
    using held = hold();
    const { hooks } = held;
    const { signal } = context;
    const decided = await hooks.request?.(request, signal) ?? request;
    const isAnswered = decided.kind === "response";
    const response: ProxyResponse = isAnswered
      ? decided
      : await handler(decided, context);
    if (response.kind === "stream" || hooks.response === undefined) {
      return response;
    }
    const sent = isAnswered ? request : decided;
    return await hooks.response(response, sent, signal);
  };
}
