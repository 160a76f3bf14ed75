/**
 * The live parts of all open pages, of which there are only so many.
 *
 * @module
 */
import type { Context } from "hono";
import { Problem } from "../api/serving/problem.ts";
import type { ApiEnv } from "../api/serving/serve.ts";
import type { ChangeFeed } from "../async/change_feed.ts";
import type { Clock } from "../async/clock.ts";
import { FairMap } from "../async/fair_map.ts";
import { Turns } from "../async/turns.ts";
import { fragmentEvent, LiveFragment } from "./live_fragment.ts";
import type { Markup } from "./shell.ts";

/**
 * Pages that are kept live at the same time; each holds a connection. When there
 * are so many, the organization and the viewer with the most make room.
 */
const MAX_LIVE_PAGES = 200;

/** Pages of one viewer: nobody keeps those of others from being live. */
const MAX_OF_VIEWER = 50;

/** What a stream follows, and who looks at it. */
export interface LiveStreamOptions {
  /** When to look; by default those that all streams follow. */
  readonly changes?: ChangeFeed<unknown>;
  /** Who looks, where there are several. */
  readonly viewer?: string;
  /** Where the viewer belongs. */
  readonly organization?: string;
  /** Is given what ends the stream; what it gives back is disposed when the stream has ended. */
  readonly watch?: (end: () => void) => Disposable;
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
  { changes, clock, onEvict }: {
    readonly changes: ChangeFeed<unknown>;
    readonly clock: Clock;
    /** Told of a page that had to make room. */
    readonly onEvict?: () => void;
  },
): LiveStream {
  const open = new FairMap<OpenPage>({
    maxEntries: MAX_LIVE_PAGES,
    onEvict: (page) => {
      page.end();
      onEvict?.();
    },
  });
  const turns = new Turns(clock);
  const encode = encodeOnce();
  let opened = 0;
  return function live(
    context,
    render,
    { changes: own = changes, viewer, organization = "", watch } = {},
  ) {
    const key = String(opened += 1);
    const taker = { organization, user: viewer ?? "" };
    const page = new OpenPage(() => open.delete(key));
    const isTooMuch = viewer !== undefined &&
      open.sizeOf(taker) >= MAX_OF_VIEWER;
    if (isTooMuch || !open.offer(key, page, taker)) {
      throw new Problem(503, "Cannot keep the page live: too many are open");
    }
    const fragment = new LiveFragment(() => String(render()), {
      ...{ changes: own, clock, turns, encode },
      closing: context.env?.closing,
      onEnd: () => page[Symbol.dispose](),
    });
    page.begin(fragment, watch);
    return context.body(fragment.stream, 200, {
      "Content-Type": "text/event-stream",
    });
  };
}

/** A place among the pages that are live. */
class OpenPage implements Disposable {
  readonly #leave: () => void;
  #fragment: LiveFragment | undefined;
  #watched: Disposable | undefined;
  #isOver = false;

  constructor(leave: () => void) {
    this.#leave = leave;
  }

  begin(
    fragment: LiveFragment,
    watch: LiveStreamOptions["watch"],
  ): void {
    if (this.#isOver) return;
    this.#fragment = fragment;
    this.#watched = watch?.(() => this.end());
  }

  /** Ends the stream. */
  end(): void {
    this.#fragment?.close();
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    this.#leave();
    this.#watched?.[Symbol.dispose]();
  }
}

/** Parts whose bytes are kept: pages that show the same are sent at about the same time. */
const MAX_ENCODED = 4;

/** Makes the bytes of a part once for all pages that show it. */
function encodeOnce(): (fragment: string) => Uint8Array<ArrayBuffer> {
  const known = new Map<string, Uint8Array<ArrayBuffer>>();
  return function encode(fragment) {
    const before = known.get(fragment);
    if (before !== undefined) return before;
    const [oldest] = known.size < MAX_ENCODED ? [] : known.keys();
    if (oldest !== undefined) known.delete(oldest);
    const event = fragmentEvent(fragment);
    known.set(fragment, event);
    return event;
  };
}
