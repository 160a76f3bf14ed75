import type { Body } from "../../http/exchange.ts";
import type { Fields } from "../../http/fields.ts";
import { Http1Error } from "../errors.ts";
import type { BufferedReader } from "./buffered_reader.ts";
import { ChunkedReader } from "./chunked_reader.ts";
import {
  CloseReader,
  type ContentReader,
  LengthReader,
} from "./content_reader.ts";
import type { Framing } from "./framing.ts";

/** Bytes to read at a time when content is dropped. */
const DRAIN_PIECE = 16 * 1024;

/** Events for the owner of the connection. Each is called at most once. */
export interface BodyEvents {
  /** A reader begins to read. */
  onStart?(): void;
  /** All content was read; the connection is free. */
  onComplete?(): void;
  /** The content broke off, was malformed, or was cancelled. */
  onFailure?(cause: unknown): void;
}

/** The content of a received message. */
export class MessageBody implements Body {
  readonly length: number | undefined;
  readonly #content: ContentReader;
  readonly #events: BodyEvents;
  #isStarted = false;
  /** The pending read. */
  #reading: Promise<number | null> | undefined;
  #failure: { readonly cause: unknown } | undefined;

  /** @param framing Any kind but "none". */
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

  /** Whether all content was read. */
  get isComplete(): boolean {
    return this.#content.isComplete;
  }

  /** Why the content cannot be read to its end; `undefined` while it can. */
  get failure(): unknown {
    return this.#failure?.cause;
  }

  async read(into: Uint8Array): Promise<number | null> {
    if (this.#failure !== undefined) throw this.#failure.cause;
    if (this.#content.isComplete) return null;
    if (this.#reading !== undefined) {
      throw new TypeError("Cannot read the body: another read is pending");
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
   * Reads and drops the rest, up to `limit` bytes, and cancels the body.
   *
   * @returns Whether the connection is at the end of the message.
   */
  async drain(limit: number): Promise<boolean> {
    if (this.#content.isComplete) return true;
    const wasBroken = this.#failure !== undefined &&
      !isCancelled(this.#failure.cause);
    this.cancel();
    if (wasBroken || (this.#content.left ?? 0) > limit) return false;
    // A reader may not know yet that the body was cancelled.
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
      return new ChunkedReader(reader, framing);
    case "close":
      return new CloseReader(reader);
    case "none":
      throw new TypeError("Cannot make a body: the message has no content");
  }
}

function isCancelled(cause: unknown): boolean {
  return cause instanceof Http1Error && cause.code === "cancelled";
}
