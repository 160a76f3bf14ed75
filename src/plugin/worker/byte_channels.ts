/*
 * Streams of bytes between the program and a worker. Each end sends some and
 * receives others. The receiver allows a window of bytes; so several chunks are
 * in flight, and a stream that nobody reads stops.
 */
import type { PluginError } from "../api/errors.ts";
import type { ByteSource, OpenedContent } from "../results/outcomes.ts";
import type { ErrorData } from "./error_data.ts";

/** Bytes of one stream in flight: enough that neither end waits for the other. */
const WINDOW = 512 * 1024;

/** Bytes of one message. */
const MAX_CHUNK = 256 * 1024;

/** What a message costs of the window at least: a stream of single bytes cannot be a flood. */
const MIN_COST = 4 * 1024;

/** What each end calls in the other. */
export interface ChannelFunctions {
  /** The receiver of a channel allows so many more bytes. */
  want(channel: number, bytes: number): void;
  /** The receiver of a channel wants no more. */
  stop(channel: number): void;
  /** Bytes of a channel. */
  chunk(channel: number, bytes: Uint8Array): void;
  /** A channel has ended, with trailers: names and values in turn. */
  end(channel: number, trailers: readonly string[] | undefined): void;
  /** A channel has failed. */
  fail(channel: number, error: ErrorData): void;
}

/** A call of the other end. */
export type ChannelCall = {
  readonly [Name in keyof ChannelFunctions]: {
    readonly name: Name;
    readonly args: Parameters<ChannelFunctions[Name]>;
  };
}[keyof ChannelFunctions];

/** What one end is made of. */
export interface ChannelOptions {
  readonly post: (
    call: ChannelCall,
    transfer: Transferable[],
  ) => void;
  readonly encodeError: (thrown: unknown) => ErrorData;
  readonly decodeError: (data: ErrorData) => PluginError;
  /** Whether sent bytes may be in use here still, and so are copied. */
  readonly copies: boolean;
}

/** What can be sent. Trailers are known at its end. */
export type SendableSource =
  & ByteSource
  & Partial<Pick<OpenedContent, "trailers" | "isStarving">>;

/** One end of all channels of a worker. */
export class ByteChannels {
  readonly #options: ChannelOptions;
  readonly #outgoing = new Map<number, Outgoing>();
  readonly #incoming = new Map<number, Incoming>();
  #last = 0;
  #end: PluginError | undefined;

  constructor(options: ChannelOptions) {
    this.#options = options;
  }

  /**
   * Sends a source when the other end wants it. Returns the number of the channel.
   *
   * @param onUnread Called when the other end never wants any of it.
   */
  send(open: () => SendableSource, onUnread?: () => unknown): number {
    this.#last += 1;
    const channel = this.#last;
    this.#outgoing.set(
      channel,
      new Outgoing(channel, open, {
        ...this.#options,
        onUnread,
        forget: () => this.#outgoing.delete(channel),
      }),
    );
    return channel;
  }

  /** Ends a channel, if it has not ended: nothing of it is sent any more. */
  withdraw(channel: number): void {
    this.#outgoing.get(channel)?.withdraw();
  }

  /** The source that the other end sends. */
  receive(channel: number): OpenedContent {
    const incoming = new Incoming(channel, {
      ...this.#options,
      forget: () => this.#incoming.delete(channel),
    });
    if (this.#end === undefined) this.#incoming.set(channel, incoming);
    else incoming.fail(this.#end);
    return incoming;
  }

  /** Whether nothing is sent or received. */
  get isIdle(): boolean {
    return this.#outgoing.size === 0 && this.#incoming.size === 0;
  }

  /** Takes a call of the other end. @throws {TypeError} When it makes no sense. */
  serve(call: ChannelCall): void {
    const [channel] = call.args;
    switch (call.name) {
      case "want":
        return this.#outgoing.get(channel)?.allow(call.args[1]);
      case "stop":
        return this.#outgoing.get(channel)?.stop();
      case "chunk":
        return this.#incoming.get(channel)?.add(call.args[1]);
      case "end":
        return this.#incoming.get(channel)?.end(call.args[1]);
      case "fail":
        return this.#incoming.get(channel)?.fail(
          this.#options.decodeError(call.args[1]),
        );
    }
  }

  /** Ends all channels: sources are cancelled, readers fail. */
  close(reason: PluginError): void {
    this.#end ??= reason;
    for (const outgoing of [...this.#outgoing.values()]) outgoing.stop();
    for (const incoming of [...this.#incoming.values()]) incoming.fail(reason);
  }
}

interface OutgoingParts extends ChannelParts {
  readonly onUnread: (() => unknown) | undefined;
}

interface ChannelParts extends ChannelOptions {
  readonly forget: () => void;
}

function costOf({ length }: Uint8Array): number {
  return Math.max(length, MIN_COST);
}

class Outgoing {
  readonly #channel: number;
  readonly #open: () => SendableSource;
  readonly #parts: OutgoingParts;
  #source: SendableSource | undefined;
  /** Bytes that may be sent. */
  #credit = 0;
  #isPumping = false;
  #isOver = false;
  #creditWaiter: (() => void) | undefined;

  constructor(
    channel: number,
    open: () => SendableSource,
    parts: OutgoingParts,
  ) {
    this.#channel = channel;
    this.#open = open;
    this.#parts = parts;
  }

  allow(bytes: number): void {
    const credit = this.#credit + bytes;
    if (!Number.isInteger(bytes) || bytes <= 0 || credit > WINDOW) {
      throw new TypeError("A channel wants an impossible number of bytes");
    }
    this.#credit = credit;
    this.#noteStarving();
    if (!this.#isPumping) void this.#pump();
  }

  stop(): void {
    if (this.#isOver) return;
    this.#finish();
    void this.#cancel();
  }

  withdraw(): void {
    const { post, encodeError } = this.#parts;
    const isRead = this.#source !== undefined;
    this.stop();
    if (!isRead) return;
    const error = encodeError(new TypeError("The hook has ended"));
    post({ name: "fail", args: [this.#channel, error] }, []);
  }

  async #pump(): Promise<void> {
    const { post, encodeError } = this.#parts;
    const channel = this.#channel;
    this.#isPumping = true;
    try {
      const source = this.#source ??= this.#open();
      while (this.#credit > 0 && !this.#isOver) {
        this.#noteStarving();
        const chunk = await source.pull();
        if (chunk !== undefined) {
          await this.#send(chunk);
          continue;
        }
        if (this.#isOver) return;
        this.#finish();
        post({ name: "end", args: [channel, source.trailers] }, []);
      }
    } catch (thrown) {
      if (this.#isOver) return;
      this.#finish();
      post({ name: "fail", args: [channel, encodeError(thrown)] }, []);
    } finally {
      this.#isPumping = false;
    }
  }

  /** Sends a chunk in as many pieces as the other end allows. */
  async #send(chunk: Uint8Array): Promise<void> {
    let rest = chunk;
    while (rest.length > 0 && !this.#isOver) {
      if (this.#credit <= 0) await this.#moreCredit();
      const size = Math.min(rest.length, this.#credit, MAX_CHUNK);
      const isWhole = size === chunk.length;
      const piece = rest.subarray(0, size);
      const bytes = this.#parts.copies || !isWhole ? piece.slice() : piece;
      this.#credit -= costOf(bytes);
      rest = rest.subarray(size);
      this.#parts.post(
        { name: "chunk", args: [this.#channel, bytes] },
        [bytes.buffer as ArrayBuffer],
      );
    }
  }

  #moreCredit(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#creditWaiter = resolve;
    return promise;
  }

  /** All that was sent has been used, and the other end waits. */
  #noteStarving(): void {
    if (this.#source?.isStarving !== undefined) {
      this.#source.isStarving = this.#credit === WINDOW;
    }
    this.#creditWaiter?.();
    this.#creditWaiter = undefined;
  }

  #finish(): void {
    this.#isOver = true;
    this.#parts.forget();
    this.#creditWaiter?.();
  }

  async #cancel(): Promise<void> {
    try {
      if (this.#source === undefined) await this.#parts.onUnread?.();
      else await this.#source.cancel();
    } catch {
      // Nobody wants the rest.
    }
  }
}

class Incoming implements OpenedContent {
  isStarving = true;
  trailers: readonly string[] | undefined;
  readonly #channel: number;
  readonly #parts: ChannelParts;
  readonly #chunks: Uint8Array[] = [];
  /** Bytes that the other end may send. */
  #allowed = 0;
  /** Bytes that were used, and of which the other end does not know. */
  #used = WINDOW;
  #isOver = false;
  #failure: PluginError | undefined;
  #waiter: (() => void) | undefined;

  constructor(channel: number, parts: ChannelParts) {
    this.#channel = channel;
    this.#parts = parts;
  }

  async pull(): Promise<Uint8Array | undefined> {
    for (;;) {
      const chunk = this.#chunks.shift();
      if (chunk !== undefined) {
        this.#used += costOf(chunk);
        if (this.#used >= WINDOW / 2) this.#want();
        return chunk;
      }
      if (this.#failure !== undefined) throw this.#failure;
      if (this.#isOver) return undefined;
      if (this.#used > 0) this.#want();
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#waiter = resolve;
      await promise;
    }
  }

  cancel(): void {
    if (this.#isOver) return;
    this.#finish();
    this.#chunks.length = 0;
    this.#parts.post({ name: "stop", args: [this.#channel] }, []);
  }

  add(bytes: Uint8Array): void {
    const isValid = bytes instanceof Uint8Array &&
      bytes.buffer instanceof ArrayBuffer && bytes.length > 0 &&
      bytes.length <= this.#allowed;
    if (!isValid) throw new TypeError("A channel has an impossible chunk");
    this.#allowed -= costOf(bytes);
    this.#chunks.push(bytes);
    this.#notify();
  }

  end(trailers: readonly string[] | undefined): void {
    this.trailers = trailers;
    this.#finish();
  }

  fail(error: PluginError): void {
    this.#failure = error;
    this.#finish();
  }

  #want(): void {
    if (this.#isOver) return;
    const bytes = this.#used;
    this.#used = 0;
    this.#allowed += bytes;
    this.#parts.post({ name: "want", args: [this.#channel, bytes] }, []);
  }

  #finish(): void {
    this.#isOver = true;
    this.#parts.forget();
    this.#notify();
  }

  #notify(): void {
    this.#waiter?.();
    this.#waiter = undefined;
  }
}
