import type { Handler } from "../http/exchange.ts";
import { addForwarded, appendVia, hasPassed } from "../http/forwarded.ts";
import { ProxyError } from "./errors/errors.ts";

/**
 * A handler that names this proxy in every request (`Via`, RFC 9110 §7.6.3) and
 * refuses requests that it has already forwarded. A CONNECT gets only `Via`:
 * its other fields are for the proxy.
 *
 * It throws a {@linkcode ProxyError} `viaLoop`.
 *
 * @param proxy The IP address of the client, and a tag that no other proxy has.
 */
export function addVia(
  handler: Handler,
  proxy: { readonly client: string; readonly tag: string },
): Handler {
  return async function forwardWithVia(request, context) {
    if (hasPassed(request, proxy.tag)) {
      throw new ProxyError("viaLoop", request.authority);
    }
    if (request.kind === "connect") appendVia(request, proxy.tag);
    else addForwarded(request, proxy);
    return await handler(request, context);
  };
}
