/**
 * Content that a plugin makes.
 *
 * @module
 */
import type { Body } from "../../http/exchange.ts";
import type { SourcePlan } from "./outcomes.ts";

/** Asks the plugin for more when somebody reads. */
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
    void this.#giveUp();
  }

  async #pull(): Promise<Uint8Array | undefined> {
    try {
      return await this.#source.pull();
    } catch (thrown) {
      this.#end();
      throw thrown;
    }
  }

  async #giveUp(): Promise<void> {
    try {
      await this.#source.cancel();
    } catch {
      // Counted where it failed; nobody is left to be told.
    } finally {
      this.#source.release();
    }
  }

  #end(): void {
    this.#isOver = true;
    this.#source.release();
  }
}
