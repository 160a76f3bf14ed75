/**
 * Carries the messages of a WebSocket from one end to the other, and lets
 * somebody change them on their way. Order is kept in each direction. A sender
 * waits until its messages have left: nothing piles up here.
 */
import { timer } from "../async/timer.ts";
import { type ByteStream, closeQuietly } from "../net/stream/byte_stream.ts";
import { WebSocketError } from "./errors.ts";
import type { DeflateAgreement } from "./extensions.ts";
import {
  closingPayload,
  type Item,
  type WebSocketMessage,
} from "./messages/message.ts";
import { MessageReader } from "./messages/message_reader.ts";
import { type MessageBudget, MessageRoom } from "./messages/message_room.ts";
import { MessageWriter } from "./messages/message_writer.ts";

/** The two ends. */
export type End = "browser" | "site";

/** Messages of one end that came together are changed together: so many at most. */
export const MAX_BATCH = 64;

/** Bytes of messages that are changed together, unless one alone has more. */
const MAX_BATCH_BYTES = 256 * 1024;

/**
 * How long both ends have, after we have closed the WebSocket, to end their
 * connections: enough to read the close frame on a slow link.
 */
const CLOSE_TIMEOUT = 5_000;

/** How long one direction goes on after the other has ended: as everywhere (`pipe()`). */
const GRACE = 60_000;

/** Where the messages of a batch go. */
export interface Outlet {
  /** Sends messages to one end, in order. Resolves when they have left. */
  send(to: End, messages: readonly WebSocketMessage[]): Promise<void>;
  /** Aborted when both connections are cut: nobody waits for the messages. */
  readonly signal: AbortSignal;
}

/** What a relay is made of. */
export interface RelayOptions {
  /** How messages are compressed, if both ends have agreed on it. */
  readonly deflate: DeflateAgreement | undefined;
  /**
   * Sends what is to become of messages that came together. A `WebSocketError`
   * closes the WebSocket, anything else that it throws cuts both connections.
   */
  readonly edit: (
    batch: readonly WebSocketMessage[],
    from: End,
    outlet: Outlet,
  ) => Promise<void>;
  /** The room of all WebSockets. */
  readonly budget: MessageBudget;
  /** Bytes of one message. */
  readonly maxMessage?: number;
  /** Called once when we close the WebSocket. `from` has sent what cannot pass. */
  readonly onClose?: (reason: WebSocketError, from: End) => void;
  /** In milliseconds. */
  readonly closeTimeout?: number;
  readonly grace?: number;
  /** Cuts both connections when aborted. */
  readonly signal?: AbortSignal;
}

/** Carries messages until both ends have ended. Closes both. Never throws. */
export async function relayMessages(
  browser: ByteStream,
  site: ByteStream,
  options: RelayOptions,
): Promise<void> {
  await new Relay(browser, site, options).run();
}

/** One end with its codec. */
interface Side {
  readonly stream: ByteStream;
  readonly reader: MessageReader;
  readonly writer: MessageWriter;
  /** Of the messages that it sends. */
  readonly room: MessageRoom;
  /** Whether it was sent a close frame: nothing may follow. */
  isClosed: boolean;
}

/** Messages that came together, and what ended them. */
interface Batch {
  readonly batch: readonly WebSocketMessage[];
  /** The item that was read last; `undefined` when there will be none. */
  readonly next: Item | undefined;
  readonly failure?: { readonly thrown: unknown };
}

class Relay implements Outlet {
  readonly #stop = new AbortController();
  readonly #sides: Readonly<Record<End, Side>>;
  readonly #options: RelayOptions;
  #isEnding = false;
  #limit: Disposable | undefined;

  constructor(browser: ByteStream, site: ByteStream, options: RelayOptions) {
    this.#options = options;
    this.#sides = {
      browser: this.#side("browser", browser),
      site: this.#side("site", site),
    };
  }

  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  async run(): Promise<void> {
    const { signal } = this.#options;
    const cut = (): void => this.#cut();
    if (signal?.aborted) cut();
    signal?.addEventListener("abort", cut);
    await Promise.all([this.#flow("browser"), this.#flow("site")]);
    signal?.removeEventListener("abort", cut);
    this.#limit?.[Symbol.dispose]();
    this.#cut();
    for (const { reader, writer } of Object.values(this.#sides)) {
      reader.close();
      writer.close();
    }
  }

  #side(end: End, stream: ByteStream): Side {
    const { deflate, budget, maxMessage } = this.#options;
    const isBrowser = end === "browser";
    const room = new MessageRoom(budget);
    return {
      stream,
      room,
      reader: new MessageReader(stream, {
        isMasked: isBrowser,
        deflate: isBrowser ? deflate?.fromBrowser : deflate?.fromSite,
        room,
        ...maxMessage !== undefined && { maxMessage },
      }),
      writer: new MessageWriter(stream, {
        isMasked: !isBrowser,
        deflate: isBrowser ? deflate?.fromSite : deflate?.fromBrowser,
      }),
      isClosed: false,
    };
  }

  async #flow(from: End): Promise<void> {
    const { stream, room } = this.#sides[from];
    const to = this.#sides[other(from)];
    try {
      await this.#carry(from);
      await drain(stream);
      if (this.#isEnding) return;
      await to.stream.closeWrite();
      this.#limit ??= timer(this.#options.grace ?? GRACE, () => this.#cut());
    } catch (thrown) {
      room.clear();
      if (!(thrown instanceof WebSocketError)) return this.#cut();
      await this.#close(thrown, from);
    } finally {
      room.clear();
    }
  }

  /** Until the side has ended or closed, or the WebSocket is closed. */
  async #carry(from: End): Promise<void> {
    const { room } = this.#sides[from];
    for (;;) {
      const { batch, next, failure } = await this.#readBatch(from);
      if (this.#isEnding) return;
      if (batch.length > 0) await this.#options.edit(batch, from, this);
      room.clear();
      if (failure !== undefined) throw failure.thrown;
      if (next === undefined) return;
      if (next.kind === "message") continue;
      await this.send(other(from), [next]);
      if (next.kind === "close") return;
    }
  }

  /** Waits for one message, and takes those that have come with it. */
  async #readBatch(from: End): Promise<Batch> {
    const { reader, room } = this.#sides[from];
    const batch: WebSocketMessage[] = [];
    try {
      for (;;) {
        const next = await reader.next();
        if (next?.kind !== "message") return { batch, next };
        batch.push(next);
        const isFull = batch.length >= MAX_BATCH ||
          room.held >= MAX_BATCH_BYTES;
        if (isFull || !reader.hasNext) return { batch, next };
      }
    } catch (thrown) {
      // What came before is valid.
      return { batch, next: undefined, failure: { thrown } };
    }
  }

  async send(to: End, items: readonly Item[]): Promise<void> {
    const side = this.#sides[to];
    if (side.isClosed || items.length === 0) return;
    if (items.some(({ kind }) => kind === "close")) side.isClosed = true;
    await side.writer.write(items);
  }

  /** Sends both ends a close frame, and waits until they have gone. */
  async #close(reason: WebSocketError, from: End): Promise<void> {
    const { stream } = this.#sides[from];
    if (!this.#isEnding) {
      this.#isEnding = true;
      this.#limit?.[Symbol.dispose]();
      const { closeTimeout = CLOSE_TIMEOUT, onClose } = this.#options;
      this.#limit = timer(closeTimeout, () => this.#cut());
      onClose?.(reason, from);
      const payload = closingPayload(reason.code, reason.message);
      await Promise.all([
        this.#sayGoodbye("browser", payload),
        this.#sayGoodbye("site", payload),
      ]);
    }
    await drain(stream).catch(() => {});
  }

  async #sayGoodbye(end: End, payload: Uint8Array): Promise<void> {
    try {
      await this.send(end, [{ kind: "close", payload }]);
      await this.#sides[end].stream.closeWrite();
    } catch {
      // It has gone already.
    }
  }

  #cut(): void {
    this.#isEnding = true;
    this.#stop.abort();
    closeQuietly(this.#sides.browser.stream);
    closeQuietly(this.#sides.site.stream);
  }
}

function other(end: End): End {
  return end === "browser" ? "site" : "browser";
}

/** Reads to the end. After a close frame nothing has a meaning (RFC 6455 §5.5.1). */
async function drain(stream: ByteStream): Promise<void> {
  const into = new Uint8Array(4 * 1024);
  while (await stream.read(into) !== null);
}
