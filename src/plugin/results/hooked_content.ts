/*
 * The content of a message while one hook may read it: as a whole, and then it
 * passes on unchanged, or as a stream.
 */
import { bytesBody } from "../../http/bytes_body.ts";
import type { Body } from "../../http/exchange.ts";
import type { Fields } from "../../http/fields.ts";
import { codingsOf, decompress, decompressed, tooLong } from "./codings.ts";
import {
  type Beginning,
  type Content,
  PrefixedBody,
  readUpTo,
} from "./content.ts";
import type { ByteSource, ContentPort, OpenedContent } from "./outcomes.ts";
import type { ReadContent } from "./outcomes.ts";
import type { ReadBudget, ReadShare } from "./read_budget.ts";

/** Bytes that a hook gets at once: what TLS and HTTP/2 deliver, in few calls. */
const CHUNK = 64 * 1024;

/** Tells whether a plugin waits for something else than itself. */
export interface Progress {
  /** Whether something moved since the last question, or the plugin waits for the program. */
  hasMoved(): boolean;
  /** What the sender of the content failed with: the plugin is not to blame. */
  readonly failure: Failure | undefined;
}

/** Something thrown. */
export interface Failure {
  readonly thrown: unknown;
}

/** The content of one message, for one hook. */
export class HookedContent implements ContentPort, Progress {
  onClose: (() => void) | undefined;
  readonly #share: ReadShare;
  readonly #encoding: string | undefined;
  #body: Body | undefined;
  #opened: Opened | undefined;
  #reading: Promise<unknown> = Promise.resolve();
  #reads = 0;
  #moves = 0;
  #seen = 0;
  #isOver = false;
  #hasOwnTrailers = true;
  #failure: Failure | undefined;

  /** @param content With the fields as the hook gets them. */
  constructor({ body, fields }: Content, budget: ReadBudget) {
    this.#body = body;
    this.#encoding = body && fields.getList("content-encoding");
    this.#share = budget.share();
  }

  get failure(): Failure | undefined {
    return this.#failure ?? this.#opened?.failure;
  }

  /** Whether there is no content. */
  get isEmpty(): boolean {
    return this.#body === undefined;
  }

  /** The fields after the content, once it has been read: also after what replaces it. */
  get trailers(): Fields | undefined {
    return this.#hasOwnTrailers ? this.#body?.trailers : undefined;
  }

  /** What comes instead is another message: the trailers do not belong to it. */
  dropTrailers(): void {
    this.#hasOwnTrailers = false;
  }

  /** The content as it would pass on. */
  get body(): Body | undefined {
    return this.#body;
  }

  async read(limit: number): Promise<ReadContent> {
    const before = this.#reading;
    const turn = Promise.withResolvers<void>();
    this.#reading = turn.promise;
    this.#reads += 1;
    try {
      await before;
      return await this.#read(limit);
    } finally {
      this.#reads -= 1;
      this.#moves += 1;
      turn.resolve();
    }
  }

  open(): OpenedContent {
    if (this.#isOver || this.#opened !== undefined) {
      throw new TypeError("the content cannot be read any more");
    }
    return this.#opened = new Opened(this.#take(), this.#encoding);
  }

  hasMoved(): boolean {
    const moves = this.#moves + (this.#opened?.moves ?? 0);
    const hasMoved = moves !== this.#seen;
    this.#seen = moves;
    return hasMoved || this.#reads > 0 || this.#opened?.isWaiting === true;
  }

  /**
   * These bytes instead of the content, which nobody wants. Content with
   * trailers has no length: in HTTP/1.1, it could not have both.
   */
  replaceBy(bytes: Uint8Array): Body | undefined {
    const { trailers } = this;
    const hasTrailers = trailers !== undefined && trailers.size > 0;
    this.#isOver = true;
    this.#body?.cancel();
    this.#share.set(bytes.length);
    if (bytes.length === 0 && !hasTrailers) return undefined;
    const release = (): void => this.release();
    const end = bytesBody(bytes.subarray(0, 0));
    return new PrefixedBody(bytes, hasTrailers ? { ...end, trailers } : end, {
      length: hasTrailers ? undefined : bytes.length,
      isWhole: true,
      release,
    });
  }

  /** Nobody wants the content; the hook reads no more of it. */
  discard(): void {
    this.close();
    this.release();
    this.#body?.cancel();
  }

  /** The hook reads no more. What is left of a stream is not wanted. */
  close(): void {
    this.#isOver = true;
    void this.#opened?.cancel();
    this.onClose?.();
    this.onClose = undefined;
  }

  /** What was made of the content has ended: nobody wants the rest of it. */
  finish(): void {
    this.close();
    if (this.#opened === undefined) this.#body?.cancel();
    this.release();
  }

  /** Counts what was read no more. */
  release(): void {
    this.#share[Symbol.dispose]();
  }

  async #read(limit: number): Promise<ReadContent> {
    if (this.#isOver || this.#opened !== undefined) {
      throw new TypeError("the content cannot be read any more");
    }
    const body = this.#body;
    if (body === undefined) {
      return { bytes: new Uint8Array(), trailers: undefined };
    }
    const codings = codingsOf(this.#encoding);
    const bytes = await this.#bytesOf(body, limit);
    const trailers = body.trailers?.flat;
    if (codings.length === 0) return { bytes, trailers };
    // What it may become is in memory while it is decompressed.
    const own = this.#share.bytes;
    await this.#share.growTo(own + limit);
    try {
      return { bytes: await decompress(bytes, codings, limit), trailers };
    } finally {
      this.#share.set(own);
    }
  }

  async #bytesOf(body: Body, limit: number): Promise<Uint8Array> {
    if (body.length !== undefined && body.length > limit) throw tooLong(limit);
    // Another hook may have read it.
    const kept = body instanceof PrefixedBody ? body.whole : undefined;
    if (kept !== undefined) {
      if (kept.length > limit) throw tooLong(limit);
      return kept;
    }
    const { bytes, isWhole } = await readUpTo(body, limit, {
      reserve: (size) => this.#share.growTo(size),
      keep: (beginning) => this.#keep(beginning, body),
      onFailure: (failure) => this.#failure = failure,
    });
    this.#keep({ bytes, isWhole }, body);
    if (!isWhole) throw tooLong(limit);
    return bytes;
  }

  /** What was read passes on before the rest. */
  #keep({ bytes, isWhole }: Beginning, rest: Body): void {
    const release = (): void => this.release();
    if (this.#isOver) {
      release();
      return;
    }
    this.#body = bytes.length === 0 ? rest : new PrefixedBody(bytes, rest, {
      length: rest.length,
      isWhole,
      release,
    });
    this.#share.set(bytes.length);
  }

  /** The content, for its only reader. */
  #take(): Body {
    const body = this.#body;
    if (body === undefined) throw new TypeError("there is no content");
    return body;
  }
}

class Opened implements OpenedContent {
  isStarving = true;
  moves = 0;
  failure: Failure | undefined;
  readonly #body: Body;
  readonly #plain: ByteSource;
  #pulls = 0;
  #isOver = false;

  constructor(body: Body, encoding: string | undefined) {
    this.#body = body;
    this.#plain = decompressed(
      { pull: () => this.#readBody(), cancel: () => body.cancel() },
      codingsOf(encoding),
    );
  }

  get trailers(): readonly string[] | undefined {
    return this.#body.trailers?.flat;
  }

  /** Whether the hook waits for the sender of the content. */
  get isWaiting(): boolean {
    return this.#pulls > 0 && this.isStarving;
  }

  async pull(): Promise<Uint8Array | undefined> {
    if (this.#isOver) return undefined;
    this.#pulls += 1;
    try {
      const chunk = await this.#plain.pull();
      if (chunk === undefined) this.#isOver = true;
      return chunk;
    } finally {
      this.#pulls -= 1;
      this.moves += 1;
    }
  }

  async cancel(): Promise<void> {
    if (this.#isOver) return;
    this.#isOver = true;
    await this.#plain.cancel();
  }

  async #readBody(): Promise<Uint8Array | undefined> {
    const chunk = new Uint8Array(CHUNK);
    try {
      for (;;) {
        const count = await this.#body.read(chunk);
        if (count === null) return undefined;
        if (count > 0) return sized(chunk.subarray(0, count));
      }
    } catch (thrown) {
      this.failure = { thrown };
      throw thrown;
    }
  }
}

/** Bytes in a buffer that is not much larger: it may wait in a queue, or go to a worker. */
function sized(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  return bytes.length > bytes.buffer.byteLength / 2 ? bytes : bytes.slice();
}
