/* Content that a plugin changes while it flows, or makes. */
import type { Body } from "../../http/exchange.ts";
import type { Fields } from "../../http/fields.ts";
import type { SourcePlan, TransformPlan } from "./outcomes.ts";

/** Bytes that a plugin gets at once: what TLS and HTTP/2 deliver, in few calls. */
const CHUNK = 64 * 1024;

/** Content that a plugin changes. It reads from the original only what its reader wants. */
export class TransformedBody implements Body {
  readonly length: undefined;
  readonly #source: Body;
  readonly #plan: TransformPlan;
  #chunk: Uint8Array | undefined;
  #rest: Uint8Array = new Uint8Array();
  #isOver = false;

  constructor(source: Body, plan: TransformPlan) {
    this.#source = source;
    this.#plan = plan;
  }

  get trailers(): Fields | undefined {
    return this.#source.trailers;
  }

  async read(into: Uint8Array): Promise<number | null> {
    try {
      while (this.#rest.length === 0) {
        if (this.#isOver) return null;
        this.#rest = await this.#next() ?? new Uint8Array();
      }
    } catch (thrown) {
      this.cancel(thrown);
      throw thrown;
    }
    const piece = this.#rest.subarray(0, into.length);
    into.set(piece);
    this.#rest = this.#rest.subarray(piece.length);
    return piece.length;
  }

  cancel(reason?: unknown): void {
    if (this.#isOver) return;
    this.#end();
    this.#source.cancel(reason);
  }

  async #next(): Promise<Uint8Array | undefined> {
    const chunk = this.#chunk ??= new Uint8Array(CHUNK);
    const count = await this.#source.read(chunk);
    if (count !== null) {
      return await this.#plan.transform(chunk.subarray(0, count));
    }
    const last = await this.#plan.flush?.();
    this.#end();
    return last;
  }

  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#plan.release();
  }
}

/** Content that a plugin makes. It pulls only when its reader reads. */
export class SourceBody implements Body {
  readonly length: undefined;
  readonly trailers: undefined;
  readonly #source: SourcePlan;
  #rest: Uint8Array = new Uint8Array();
  #isOver = false;

  constructor(source: SourcePlan) {
    this.#source = source;
  }

  async read(into: Uint8Array): Promise<number | null> {
    while (this.#rest.length === 0) {
      if (this.#isOver) return null;
      const chunk = await this.#pull();
      if (chunk === undefined) this.#end();
      else this.#rest = chunk;
    }
    const piece = this.#rest.subarray(0, into.length);
    into.set(piece);
    this.#rest = this.#rest.subarray(piece.length);
    return piece.length;
  }

  cancel(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#rest = new Uint8Array();
    void this.#discard();
  }

  async #pull(): Promise<Uint8Array | undefined> {
    try {
      return await this.#source.pull();
    } catch (thrown) {
      this.#end();
      throw thrown;
    }
  }

  async #discard(): Promise<void> {
    try {
      await this.#source.cancel();
    } catch {
      // The failure was counted where it happened. Nobody waits for the result.
    } finally {
      this.#source.release();
    }
  }

  #end(): void {
    this.#isOver = true;
    this.#source.release();
  }
}
