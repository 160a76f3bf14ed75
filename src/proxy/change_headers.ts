/**
 * Puts the user's header rules around what carries an exchange out: the last
 * to change a request, and the first to see the answer.
 *
 * @module
 */
import type { Handler, ProxyRequest } from "../http/exchange.ts";
import { applyHeaderRules, type HeaderRule } from "../http/header_rules.ts";

/** Rules about the fields of requests and of answers. */
export interface HeaderRules {
  /** Applied to what sites are sent, in order. Default none. */
  readonly request?: readonly HeaderRule[];
  /** Applied to their answers, in order. Default none. */
  readonly response?: readonly HeaderRule[];
  /** Applied to the CONNECT that an upstream proxy is sent, in order. Default none. */
  readonly connect?: readonly HeaderRule[];
}

/** A handler that applies `rules`; CONNECT, whose content is not ours, passes as it is. */
export function changeHeaders(
  handler: Handler,
  { request: forRequest = [], response: forResponse = [] }: HeaderRules,
): Handler {
  if (forRequest.length === 0 && forResponse.length === 0) return handler;
  return async function changingHeaders(request, context) {
    if (request.kind === "connect") return await handler(request, context);
    const response = await handler(changed(request), context);
    const fields = applyHeaderRules(response.fields, forResponse);
    return { ...response, fields };
  };

  function changed(request: ProxyRequest): ProxyRequest {
    const fields = applyHeaderRules(request.fields, forRequest);
    return { ...request, fields };
  }
}
