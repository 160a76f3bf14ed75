/**
 * Says in requests who passes them on, and stops those that come round again.
 *
 * @module
 */
import type { Handler } from "../http/exchange.ts";
import { addForwarded, hasPassed } from "../http/forwarded.ts";
import { ProxyError } from "./errors.ts";

/**
 * A handler that announces its proxy in every request but CONNECT.
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
    if (request.kind === "connect") return await handler(request, context);
    if (hasPassed(request, proxy.tag)) {
      throw new ProxyError("viaLoop", request.authority);
    }
    addForwarded(request, proxy);
    return await handler(request, context);
  };
}
