import { isWithin, type TimeFrame } from "../async/time_frame.ts";
import type { Handler } from "../http/exchange.ts";
import { ProxyError } from "./errors/errors.ts";

/** When requests may begin. */
export interface TimeWindow {
  /** Always, when the list is empty. */
  readonly frames: readonly TimeFrame[];
  /** Milliseconds since 1970. Default: this machine's clock. */
  readonly now?: () => number;
}

/**
 * A handler that refuses requests outside the time window. Requests that have
 * begun may go on.
 *
 * It throws a {@linkcode ProxyError} `outsideTimeFrame`.
 */
export function withinTimeWindow(
  handler: Handler,
  { frames, now = Date.now }: TimeWindow = { frames: [] },
): Handler {
  if (frames.length === 0) return handler;
  return async function checkTime(request, context) {
    if (isWithin(frames, new Date(now()))) {
      return await handler(request, context);
    }
    throw new ProxyError("outsideTimeFrame", request.authority);
  };
}
