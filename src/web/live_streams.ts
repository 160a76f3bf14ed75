/**
 * The live parts of all open pages, of which there are only so many.
 *
 * @module
 */
import type { Context } from "hono";
import { Problem } from "../api/problem.ts";
import type { ApiEnv } from "../api/serve.ts";
import type { ChangeFeed } from "../async/change_feed.ts";
import type { Clock } from "../async/clock.ts";
import { LiveFragment } from "./live_fragment.ts";
import type { Markup } from "./shell.ts";

/** Pages that are kept live at the same time; each holds a connection. */
const MAX_LIVE_PAGES = 200;

/**
 * Answers with a stream of what `render` gives, whenever it changes.
 *
 * @param changes When to look; by default those that all streams follow.
 */
export type LiveStream = (
  context: Pick<Context<ApiEnv>, "env" | "body">,
  render: () => Markup,
  changes?: ChangeFeed<unknown>,
) => Response;

/**
 * Makes the streams of one application.
 *
 * The answer throws {@linkcode Problem} 503 while too many pages are open.
 */
export function liveStreams(
  { changes, clock }: {
    readonly changes: ChangeFeed<unknown>;
    readonly clock: Clock;
  },
): LiveStream {
  let open = 0;
  return function live(context, render, own = changes) {
    if (open >= MAX_LIVE_PAGES) {
      throw new Problem(503, "Cannot keep the page live: too many are open");
    }
    open += 1;
    const fragment = new LiveFragment(() => String(render()), {
      changes: own,
      clock,
      closing: context.env?.closing,
      onEnd: () => open -= 1,
    });
    return context.body(fragment.stream, 200, {
      "Content-Type": "text/event-stream",
    });
  };
}
