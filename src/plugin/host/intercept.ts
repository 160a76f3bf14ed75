/**
 * Plugins around a handler: the one place where an exchange meets them.
 *
 * @module
 */
import type { Handler, ProxyResponse } from "../../http/exchange.ts";
import type { Generation } from "./plugin_set.ts";

/**
 * A handler whose requests and answers pass through hooks.
 *
 * @param current The plugins of now; an exchange keeps those it begins with.
 */
export function intercept(
  current: () => Generation,
  handler: Handler,
): Handler {
  return async function intercepted(request, context) {
    const generation = current();
    const { hooks } = generation;
    const isConcerned = hooks.request !== undefined ||
      hooks.response !== undefined;
    if (request.kind === "connect" || !isConcerned) {
      return await handler(request, context);
    }
    using _held = generation.hold();
    const decided = await hooks.request?.(request, context) ?? request;
    const isAnswered = decided.kind === "response";
    const response: ProxyResponse = isAnswered
      ? decided
      : await handler(decided, context);
    if (response.kind === "stream" || hooks.response === undefined) {
      return response;
    }
    const sent = isAnswered ? request : decided;
    return await hooks.response(response, sent, context);
  };
}
