/**
 * A part of a page that follows the server: sent as server-sent events (WHATWG
 * HTML §9.2), whole, whenever it looks different.
 *
 * @module
 */
import type { ChangeFeed } from "../async/change_feed.ts";
import type { Clock } from "../async/clock.ts";
import { Turns } from "../async/turns.ts";

/** How long changes are gathered before the part is sent, in milliseconds: a pool that starts is one change to the eye. */
export const GATHER = 100;
/** Bytes of a part that may be sent in a millisecond: a large one that changes all the time is gathered longer. */
const RATE = 256;
/** How often it is looked at without a change, in milliseconds: durations and counts move by themselves. */
export const REFRESH = 5000;
/** After so many looks the stream ends and the browser comes again, with credentials that may have been withdrawn: ten minutes. */
const MAX_REFRESHES = 120;

/** What a live part needs. */
export interface LiveFragmentOptions {
  readonly changes: ChangeFeed<unknown>;
  readonly clock: Clock;
  /** Shared by all live parts, so that rendering them holds up nobody for long. */
  readonly turns?: Turns;
  /** Makes the bytes of an event; by {@linkcode fragmentEvent} unless given. */
  readonly encode?: (fragment: string) => Uint8Array<ArrayBuffer>;
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
  readonly #turns: Turns;
  readonly #encode: (fragment: string) => Uint8Array<ArrayBuffer>;
  readonly #onEnd: () => void;
  readonly #ended = new AbortController();
  readonly #subscription: Disposable;
  #controller:
    | ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>
    | undefined;
  #timer: Disposable | undefined;
  /** What a look waits for whose time has come. */
  #turn: Disposable | undefined;
  #isGathering = false;
  #refreshes = 0;
  #sent: string | undefined;
  #sentBytes = 0;

  constructor(
    render: () => string,
    {
      changes,
      clock,
      turns = new Turns(clock),
      encode = fragmentEvent,
      closing,
      onEnd = () => {},
    }: LiveFragmentOptions,
  ) {
    this.#render = render;
    this.#clock = clock;
    this.#turns = turns;
    this.#encode = encode;
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
    closing?.addEventListener("abort", () => this.close(), {
      signal: this.#ended.signal,
    });
    if (closing?.aborted) this.close();
    else this.#wait(REFRESH);
  }

  /** Ends the events. The browser asks for them again. */
  close(): void {
    if (this.#ended.signal.aborted) return;
    this.#controller?.close();
    this.#end();
  }

  #gather(): void {
    if (this.#isGathering || this.#ended.signal.aborted) return;
    this.#isGathering = true;
    this.#wait(Math.max(GATHER, this.#sentBytes / RATE));
  }

  #wait(milliseconds: number): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = this.#clock.timer(milliseconds, () => {
      // Changes that come while it waits for its turn are seen then.
      this.#isGathering = true;
      this.#turn = this.#turns.take(() => this.#look());
    });
  }

  #look(): void {
    this.#isGathering = false;
    this.#refreshes += 1;
    try {
      this.#send();
    } catch {
      // The browser comes again, and is told why.
      return this.close();
    }
    if (this.#refreshes >= MAX_REFRESHES) this.close();
    else this.#wait(REFRESH);
  }

  #send(): void {
    // A browser that does not read gets no queue: what it will read next is
    // then the newest.
    if ((this.#controller?.desiredSize ?? 0) <= 0) return;
    const fragment = this.#render();
    const isNew = fragment !== this.#sent;
    const event = isNew ? this.#encode(fragment) : NOTHING_NEW;
    if (isNew) this.#sentBytes = event.length;
    this.#sent = fragment;
    // The same bytes may go to others.
    this.#controller?.enqueue(event.slice());
  }

  #end(): void {
    if (this.#ended.signal.aborted) return;
    this.#timer?.[Symbol.dispose]();
    this.#turn?.[Symbol.dispose]();
    this.#subscription[Symbol.dispose]();
    this.#ended.abort();
    this.#onEnd();
  }
}

const encoder = new TextEncoder();
/** A comment, which keeps the connection open. */
const NOTHING_NEW = encoder.encode(":\n\n");

/** The event that says what the part looks like now. */
export function fragmentEvent(fragment: string): Uint8Array<ArrayBuffer> {
  // Each of them ends a line of an event stream (WHATWG HTML §9.2.5).
  const lines = fragment.split(/\r\n?|\n/).map((line) => `data: ${line}\n`);
  return encoder.encode(`event: fragment\n${lines.join("")}\n`);
}
