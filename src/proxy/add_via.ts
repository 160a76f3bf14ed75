/**
 * Says in requests who passes them on, and stops those that come round again.
 *
 * @module
 */
import type { Handler } from "../http/exchange.ts";
import { addForwarded, addVia, hasPassed } from "../http/forwarded.ts";
import { ProxyError } from "./errors/errors.ts";

/**
 * A handler that announces its proxy in every request. CONNECT says `Via` only:
 * its other fields are for the proxy, and what is inside is not ours to change.
 *
 * It throws a {@linkcode ProxyError} `viaLoop` for a request that it has seen.
 *
 * @param proxy The IP address of whoever asks, and the tag that no other proxy has.
 */
export function announce(
  handler: Handler,
  proxy: { readonly client: string; readonly tag: string },
): Handler {
  return async function announcing(request, context) {
    if (hasPassed(request, proxy.tag)) {
      throw new ProxyError("viaLoop", request.authority);
    }
    if (request.kind === "connect") addVia(request, proxy.tag);
    else addForwarded(request, proxy);
    return await handler(request, context);
  };
}
