/**
 * Refuses new exchanges outside the hours that the user allows. What has begun
 * may go on.
 *
 * @module
 */
import { isWithin, type TimeFrame } from "../async/time_frame.ts";
import type { Handler } from "../http/exchange.ts";
import { ProxyError } from "./errors/errors.ts";

/** When exchanges may begin. */
export interface OpenHours {
  /** Always, when there are none. */
  readonly frames: readonly TimeFrame[];
  /** The time now; this machine's clock unless given. */
  readonly now?: () => Date;
}

/**
 * A handler that keeps to `hours`.
 *
 * It throws a {@linkcode ProxyError} `outsideTimeFrame`.
 */
export function keepHours(
  handler: Handler,
  { frames, now = () => new Date() }: OpenHours,
): Handler {
  if (frames.length === 0) return handler;
  return async function keepingHours(request, context) {
    if (isWithin(frames, now())) return await handler(request, context);
    throw new ProxyError("outsideTimeFrame", request.authority);
  };
}
