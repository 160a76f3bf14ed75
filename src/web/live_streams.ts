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
import { KeyedCounter } from "../async/keyed_counter.ts";
import { LiveFragment } from "./live_fragment.ts";
import type { Markup } from "./shell.ts";

/** Pages that are kept live at the same time; each holds a connection. */
const MAX_LIVE_PAGES = 200;
const ALL = "all";

/** Pages of one viewer: nobody keeps those of others from being live. */
const MAX_OF_VIEWER = 50;

/** What a stream follows, and who looks at it. */
export interface LiveStreamOptions {
  /** When to look; by default those that all streams follow. */
  readonly changes?: ChangeFeed<unknown>;
  /** Who looks, where there are several. */
  readonly viewer?: string;
}

/**
 * Answers with a stream of what `render` gives, whenever it changes.
 */
export type LiveStream = (
  context: Pick<Context<ApiEnv>, "env" | "body">,
  render: () => Markup,
  options?: LiveStreamOptions,
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
  const open = new KeyedCounter();
  return function live(
    context,
    render,
    { changes: own = changes, viewer } = {},
  ) {
    const isFull = open.of(ALL) >= MAX_LIVE_PAGES ||
      viewer !== undefined && open.of(`of ${viewer}`) >= MAX_OF_VIEWER;
    if (isFull) {
      throw new Problem(503, "Cannot keep the page live: too many are open");
    }
    const here = viewer === undefined
      ? open.enter(ALL)
      : open.enter(ALL, `of ${viewer}`);
    const fragment = new LiveFragment(() => String(render()), {
      changes: own,
      clock,
      closing: context.env?.closing,
      onEnd: () => here[Symbol.dispose](),
    });
    return context.body(fragment.stream, 200, {
      "Content-Type": "text/event-stream",
    });
  };
}
