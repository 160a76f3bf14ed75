/**
 * Ends a stream when what it was opened with is of no use any more. Requests
 * are checked when they come; a stream may stay for days.
 *
 * @module
 */
import { type Clock, systemClock } from "../async/clock.ts";
import type { StreamResponse } from "../http/exchange.ts";
import { closeQuietly } from "../net/byte_stream.ts";

/** How often it is looked, in milliseconds: with what is remembered of a login, half a minute is never over. */
export const LOOK_INTERVAL = 10_000;

/** Looks, until the stream of `response` is closed, whether it `isOver`, and closes it then. */
export function cutWhenOver(
  response: StreamResponse,
  isOver: () => boolean,
  clock: Clock = systemClock,
): StreamResponse {
  const { stream } = response;
  const close = stream.close.bind(stream);
  let next = clock.timer(LOOK_INTERVAL, look);
  // The stream stays what it is: some are copied in a faster way.
  Object.assign(stream, {
    close(): void {
      next[Symbol.dispose]();
      close();
    },
  });
  return response;

  function look(): void {
    if (isOver()) closeQuietly(stream);
    else next = clock.timer(LOOK_INTERVAL, look);
  }
}
