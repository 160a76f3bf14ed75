/**
 * The content of a message that comes in, as its reader sees it.
 *
 * @module
 */
import type { Body } from "../../http/exchange.ts";
import type { Fields } from "../../http/fields.ts";
import type { BufferedReader } from "./buffered_reader.ts";
import { ChunkedReader } from "./chunked_reader.ts";
import {
  CloseReader,
  type ContentReader,
  LengthReader,
} from "./content_reader.ts";
import { Http1Error } from "../errors.ts";
import type { Framing } from "./framing.ts";

/** How much is read at a time of what is thrown away. */
const DRAIN_PIECE = 16 * 1024;

/** What the owner of the connection wants to know of a body. Each is called at most once. */
export interface BodyEvents {
  /** Somebody begins to read. */
  onStart?(): void;
  /** All of it was read; the connection is free. */
  onComplete?(): void;
  /** It broke off, was not what it should be, or is not wanted any more. */
  onFailure?(cause: unknown): void;
}

/** A body on an HTTP/1 connection. */
export class MessageBody implements Body {
  readonly length: number | undefined;
  readonly #content: ContentReader;
  readonly #events: BodyEvents;
  #isStarted = false;
  /** The read under way. */
  #reading: Promise<number | null> | undefined;
  #failure: { readonly cause: unknown } | undefined;

  /** @param framing Anything but "none". */
  constructor(
    reader: BufferedReader,
    framing: Framing,
    events: BodyEvents = {},
  ) {
    this.length = framing.kind === "length" ? framing.length : undefined;
    this.#content = contentOf(reader, framing);
    this.#events = events;
  }

  get trailers(): Fields | undefined {
    return this.#content.trailers;
  }

  /** Whether somebody has begun to read. */
  get isStarted(): boolean {
    return this.#isStarted;
  }

  /** Whether all of it has been read. */
  get isComplete(): boolean {
    return this.#content.isComplete;
  }

  /** Why it cannot be read to its end; `undefined` while it can. */
  get failure(): unknown {
    return this.#failure?.cause;
  }

  async read(into: Uint8Array): Promise<number | null> {
    if (this.#failure !== undefined) throw this.#failure.cause;
    if (this.#content.isComplete) return null;
    if (this.#reading !== undefined) {
      throw new TypeError("Cannot read the body: a read is under way");
    }
    if (into.length === 0) {
      throw new RangeError("Cannot read the body: the buffer is empty");
    }
    if (!this.#isStarted) {
      this.#isStarted = true;
      this.#events.onStart?.();
    }
    return await this.#read(into);
  }

  cancel(reason?: unknown): void {
    if (this.#content.isComplete || this.#failure !== undefined) return;
    this.#fail(
      new Http1Error("cancelled", "Cannot read the body: it was cancelled", {
        cause: reason,
      }),
    );
  }

  /**
   * Reads what nobody else wants, up to `limit` bytes, and cancels the body.
   *
   * @returns Whether the connection stands at the end of the message.
   */
  async drain(limit: number): Promise<boolean> {
    if (this.#content.isComplete) return true;
    const wasBroken = this.#failure !== undefined &&
      !isCancelled(this.#failure.cause);
    this.cancel();
    if (wasBroken || (this.#content.left ?? 0) > limit) return false;
    // Whoever reads may not know yet that nobody wants it.
    await this.#reading;
    const scratch = new Uint8Array(Math.min(limit, DRAIN_PIECE));
    let drained = 0;
    while (drained <= limit) {
      const count = await this.#content.read(scratch);
      if (count === null) return true;
      drained += count;
    }
    return false;
  }

  async #read(into: Uint8Array): Promise<number | null> {
    this.#reading = this.#content.read(into);
    try {
      const count = await this.#reading;
      if (this.#content.isComplete) this.#events.onComplete?.();
      return count;
    } catch (cause) {
      this.#fail(cause);
      throw cause;
    } finally {
      this.#reading = undefined;
    }
  }

  #fail(cause: unknown): void {
    if (this.#failure !== undefined) return;
    this.#failure = { cause };
    this.#events.onFailure?.(cause);
  }
}

function contentOf(reader: BufferedReader, framing: Framing): ContentReader {
  switch (framing.kind) {
    case "length":
      return new LengthReader(reader, framing.length);
    case "chunked":
      return new ChunkedReader(reader);
    case "close":
      return new CloseReader(reader);
    case "none":
      throw new TypeError("Cannot make a body: the message has no content");
  }
}

function isCancelled(cause: unknown): boolean {
  return cause instanceof Http1Error && cause.code === "cancelled";
}
