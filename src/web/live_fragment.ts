/**
 * A part of a page that follows the server: sent as server-sent events (WHATWG
 * HTML §9.2), whole, whenever it looks different.
 *
 * @module
 */
import type { ChangeFeed } from "../async/change_feed.ts";
import type { Clock } from "../async/clock.ts";

/** How long changes are gathered before the part is sent, in milliseconds: a pool that starts is one change to the eye. */
export const GATHER = 100;
/** How often it is looked at without a change, in milliseconds: durations and counts move by themselves. */
export const REFRESH = 5000;
/** After so many looks the stream ends and the browser comes again, with credentials that may have been withdrawn: ten minutes. */
const MAX_REFRESHES = 120;

/** What a live part needs. */
export interface LiveFragmentOptions {
  readonly changes: ChangeFeed<unknown>;
  readonly clock: Clock;
  /** Ends the stream: the server is stopping. */
  readonly closing?: AbortSignal | undefined;
  /** Called once, however it ends. */
  readonly onEnd?: () => void;
}

/** Sends what `render` gives, as events called `fragment`, until the browser is gone. */
export class LiveFragment {
  /** The events; starts with the part as it is now. */
  readonly stream: ReadableStream<Uint8Array<ArrayBuffer>>;
  readonly #render: () => string;
  readonly #clock: Clock;
  readonly #onEnd: () => void;
  readonly #ended = new AbortController();
  readonly #subscription: Disposable;
  #controller:
    | ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>
    | undefined;
  #timer: Disposable | undefined;
  #isGathering = false;
  #refreshes = 0;
  #sent: string | undefined;

  constructor(
    render: () => string,
    { changes, clock, closing, onEnd = () => {} }: LiveFragmentOptions,
  ) {
    this.#render = render;
    this.#clock = clock;
    this.#onEnd = onEnd;
    this.#subscription = changes.subscribe(() => this.#gather());
    try {
      this.stream = new ReadableStream({
        start: (controller) => {
          this.#controller = controller;
          this.#send();
        },
        cancel: () => this.#end(),
      });
    } catch (cause) {
      this.#end();
      throw cause;
    }
    closing?.addEventListener("abort", () => this.#close(), {
      signal: this.#ended.signal,
    });
    if (closing?.aborted) this.#close();
    else this.#wait(REFRESH);
  }

  #gather(): void {
    if (this.#isGathering || this.#ended.signal.aborted) return;
    this.#isGathering = true;
    this.#wait(GATHER);
  }

  #wait(milliseconds: number): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = this.#clock.timer(milliseconds, () => this.#look());
  }

  #look(): void {
    this.#isGathering = false;
    this.#refreshes += 1;
    try {
      this.#send();
    } catch {
      // The browser comes again, and is told why.
      return this.#close();
    }
    if (this.#refreshes >= MAX_REFRESHES) this.#close();
    else this.#wait(REFRESH);
  }

  #send(): void {
    // A browser that does not read gets no queue: what it will read next is
    // then the newest.
    if ((this.#controller?.desiredSize ?? 0) <= 0) return;
    const fragment = this.#render();
    const text = fragment === this.#sent ? ":\n\n" : eventOf(fragment);
    this.#sent = fragment;
    this.#controller?.enqueue(new TextEncoder().encode(text));
  }

  #close(): void {
    this.#controller?.close();
    this.#end();
  }

  #end(): void {
    if (this.#ended.signal.aborted) return;
    this.#timer?.[Symbol.dispose]();
    this.#subscription[Symbol.dispose]();
    this.#ended.abort();
    this.#onEnd();
  }
}

function eventOf(fragment: string): string {
  // Each of them ends a line of an event stream (WHATWG HTML §9.2.5).
  const lines = fragment.split(/\r\n?|\n/).map((line) => `data: ${line}\n`);
  return `event: fragment\n${lines.join("")}\n`;
}
