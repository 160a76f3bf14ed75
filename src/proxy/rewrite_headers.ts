import type { Handler, ProxyRequest } from "../http/exchange.ts";
import { applyHeaderRules, type HeaderRule } from "../http/header_rules.ts";

/** Rules for the header fields of requests and responses. */
export interface HeaderRules {
  /** Applied to requests to sites, in order. Default none. */
  readonly request?: readonly HeaderRule[];
  /** Applied to the responses of sites, in order. Default none. */
  readonly response?: readonly HeaderRule[];
  /** Applied to the CONNECT requests to an upstream proxy, in order. Default none. */
  readonly connect?: readonly HeaderRule[];
}

/**
 * A handler that applies the user's header rules. It is the last to change a
 * request and the first to see its response. CONNECT passes unchanged: the
 * rules do not apply to the content of the connection.
 */
export function rewriteHeaders(
  handler: Handler,
  { request: forRequest = [], response: forResponse = [] }: HeaderRules = {},
): Handler {
  if (forRequest.length === 0 && forResponse.length === 0) return handler;
  return async function rewrite(request, context) {
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
