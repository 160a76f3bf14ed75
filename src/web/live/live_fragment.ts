import type { ChangeFeed } from "../../async/change_feed.ts";
import type { Clock } from "../../async/clock.ts";
import { Turns } from "../../async/turns.ts";

/** How long changes are collected before an event, in milliseconds. To the eye, a pool that starts is one change. */
export const COALESCE_DELAY = 100;
/** Greatest rate of one stream, in bytes per millisecond. Changes of a large part are collected for longer. */
const RATE = 256;
/** Time between two renderings without a change, in milliseconds: durations and counts move by themselves. */
export const REFRESH = 5000;
/**
 * After so many renderings the stream ends: ten minutes without a change. The
 * browser connects again, and its credentials are checked again.
 */
const MAX_RENDERINGS = 120;

/** What a live fragment needs. */
export interface LiveFragmentOptions {
  readonly changes: ChangeFeed<unknown>;
  readonly clock: Clock;
  /** Shared by all fragments, so that rendering leaves time for other work. */
  readonly turns?: Turns;
  /** Makes the bytes of an event; default {@linkcode encodeFragment}. */
  readonly encode?: (fragment: string) => Uint8Array<ArrayBuffer>;
  /** Ends the stream when the server stops. */
  readonly closing?: AbortSignal | undefined;
  /** Called once at the end, whatever the reason. */
  readonly onEnd?: () => void;
}

/**
 * A part of a page that follows the server. Whenever it looks different, all of
 * it is sent in a server-sent event called `fragment` (WHATWG HTML §9.2). The
 * stream ends when the browser is gone.
 */
export class LiveFragment {
  /** The events. The first one is the part as it is now. */
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
  /** A rendering that is due and waits for its turn. */
  #turn: Disposable | undefined;
  #isScheduled = false;
  #renderings = 0;
  #sent: string | undefined;
  #sentBytes = 0;

  constructor(
    render: () => string,
    {
      changes,
      clock,
      turns = new Turns(clock),
      encode = encodeFragment,
      closing,
      onEnd = () => {},
    }: LiveFragmentOptions,
  ) {
    this.#render = render;
    this.#clock = clock;
    this.#turns = turns;
    this.#encode = encode;
    this.#onEnd = onEnd;
    this.#subscription = changes.subscribe(() => this.#schedule());
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

  /** Ends the stream. The browser connects again. */
  close(): void {
    if (this.#ended.signal.aborted) return;
    this.#controller?.close();
    this.#end();
  }

  #schedule(): void {
    if (this.#isScheduled || this.#ended.signal.aborted) return;
    this.#isScheduled = true;
    this.#wait(Math.max(COALESCE_DELAY, this.#sentBytes / RATE));
  }

  #wait(milliseconds: number): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = this.#clock.timer(milliseconds, () => {
      // Changes that come before its turn are part of the same rendering.
      this.#isScheduled = true;
      this.#turn = this.#turns.take(() => this.#update());
    });
  }

  #update(): void {
    this.#isScheduled = false;
    this.#renderings += 1;
    try {
      this.#send();
    } catch {
      // The browser connects again, and gets the error as a response.
      return this.close();
    }
    if (this.#renderings >= MAX_RENDERINGS) this.close();
    else this.#wait(REFRESH);
  }

  #send(): void {
    // Nothing is queued for a browser that does not read: what it reads later
    // is then up to date.
    if ((this.#controller?.desiredSize ?? 0) <= 0) return;
    const fragment = this.#render();
    const isNew = fragment !== this.#sent;
    const event = isNew ? this.#encode(fragment) : KEEP_ALIVE;
    if (isNew) this.#sentBytes = event.length;
    this.#sent = fragment;
    // A copy: other streams may send the same bytes.
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
/** A comment line, which keeps the connection open. */
const KEEP_ALIVE = encoder.encode(":\n\n");

/** The event with the part as it is now. */
export function encodeFragment(fragment: string): Uint8Array<ArrayBuffer> {
  // CR, LF and CR LF all end a line of an event stream (WHATWG HTML §9.2.5).
  const lines = fragment.split(/\r\n?|\n/).map((line) => `data: ${line}\n`);
  return encoder.encode(`event: fragment\n${lines.join("")}\n`);
}
