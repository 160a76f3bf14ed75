import type { ChangeFeed } from "../../async/change_feed.ts";

/** Events that wait for a slow reader. The oldest are dropped: the newest says how things are. */
const MAX_WAITING = 64;

/**
 * The events of a feed as an iterator.
 *
 * @param first Comes before the events of the feed.
 * @param isLast Whether nothing comes after an event.
 */
export function iterate<Event>(
  feed: ChangeFeed<Event>,
  { first, isLast }: {
    readonly first: Event;
    readonly isLast: (event: Event) => boolean;
  },
): AsyncIterableIterator<Event> {
  const waiting: Event[] = [first];
  let hasEnded = isLast(first);
  let wake = Promise.withResolvers<void>();
  const subscription = feed.subscribe((event) => {
    if (hasEnded) return;
    waiting.push(event);
    if (waiting.length > MAX_WAITING) waiting.shift();
    if (isLast(event)) end();
    else notify();
  });
  if (hasEnded) subscription[Symbol.dispose]();

  function end(): void {
    hasEnded = true;
    subscription[Symbol.dispose]();
    notify();
  }

  function notify(): void {
    const { resolve } = wake;
    wake = Promise.withResolvers();
    resolve();
  }

  return {
    async next() {
      while (true) {
        const event = waiting.shift();
        if (event !== undefined) return { value: event, done: false };
        if (hasEnded) return { value: undefined, done: true };
        await wake.promise;
      }
    },
    return() {
      waiting.length = 0;
      end();
      return Promise.resolve({ value: undefined, done: true });
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
