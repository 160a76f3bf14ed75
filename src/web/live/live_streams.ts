import type { Context } from "hono";
import { Problem } from "../../api/serving/problem.ts";
import type { ApiEnv } from "../../api/serving/serve.ts";
import type { ChangeFeed } from "../../async/change_feed.ts";
import type { Clock } from "../../async/clock.ts";
import { FairMap } from "../../async/fair_map.ts";
import { Turns } from "../../async/turns.ts";
import { encodeFragment, LiveFragment } from "./live_fragment.ts";
import type { Markup } from "../layout.ts";

/**
 * Live pages at the same time; each holds a connection. When there are so many,
 * a page of the organization and viewer with the most is closed.
 */
const MAX_LIVE_PAGES = 200;

/** Live pages of one viewer, so that none can use up those of others. */
const MAX_OF_VIEWER = 50;

/** What a stream follows, and its viewer. */
export interface LiveStreamOptions {
  /** Changes that this stream follows; default: those of the application. */
  readonly changes?: ChangeFeed<unknown>;
  /** Name of the user, where there are several. */
  readonly viewer?: string;
  /** Organization of the viewer. */
  readonly organization?: string;
  /** Receives a function that ends the stream. Its result is disposed at the end of the stream. */
  readonly watch?: (end: () => void) => Disposable;
}

/** Responds with a stream of what `render` returns, whenever that changes. */
export type LiveStream = (
  context: Pick<Context<ApiEnv>, "env" | "body">,
  render: () => Markup,
  options?: LiveStreamOptions,
) => Response;

/**
 * Makes the streams of one application. They throw {@linkcode Problem} 503 while
 * too many pages are open.
 */
export function liveStreams(
  { changes, clock, onEvict }: {
    readonly changes: ChangeFeed<unknown>;
    readonly clock: Clock;
    /** Called when a page is closed to make room. */
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
  const encode = cachedEncoder();
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

/** An entry among the live pages. */
class OpenPage implements Disposable {
  readonly #leave: () => void;
  #fragment: LiveFragment | undefined;
  #watched: Disposable | undefined;
  #hasEnded = false;

  constructor(leave: () => void) {
    this.#leave = leave;
  }

  begin(
    fragment: LiveFragment,
    watch: LiveStreamOptions["watch"],
  ): void {
    if (this.#hasEnded) return;
    this.#fragment = fragment;
    this.#watched = watch?.(() => this.end());
  }

  /** Ends the stream. */
  end(): void {
    this.#fragment?.close();
  }

  [Symbol.dispose](): void {
    this.#hasEnded = true;
    this.#leave();
    this.#watched?.[Symbol.dispose]();
  }
}

/** Encoded parts that are kept: pages that show the same are updated at about the same time. */
const MAX_ENCODED = 4;

/** Encodes a part once for all pages that show it. */
function cachedEncoder(): (fragment: string) => Uint8Array<ArrayBuffer> {
  const known = new Map<string, Uint8Array<ArrayBuffer>>();
  return function encode(fragment) {
    const before = known.get(fragment);
    if (before !== undefined) return before;
    const [oldest] = known.size < MAX_ENCODED ? [] : known.keys();
    if (oldest !== undefined) known.delete(oldest);
    const event = encodeFragment(fragment);
    known.set(fragment, event);
    return event;
  };
}
