/**
 * A stream of the web as the content of a message.
 *
 * @module
 */
import type { Body } from "../../http/exchange.ts";

/** Hands out what a stream gives, piece by piece. */
export class StreamedBody implements Body {
  readonly trailers = undefined;
  readonly length: number | undefined;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  #rest: Uint8Array = new Uint8Array(0);

  /** @param length In bytes, where it is known. */
  constructor(stream: ReadableStream<Uint8Array>, length: number | undefined) {
    this.#reader = stream.getReader();
    this.length = length;
  }

  async read(into: Uint8Array): Promise<number | null> {
    while (this.#rest.length === 0) {
      const { done, value } = await this.#reader.read();
      if (done) return null;
      this.#rest = value;
    }
    const piece = this.#rest.subarray(0, into.length);
    into.set(piece);
    this.#rest = this.#rest.subarray(piece.length);
    return piece.length;
  }

  cancel(reason?: unknown): void {
    // Whether the source minds is its own affair: nobody reads on.
    this.#reader.cancel(reason).catch(() => {});
  }
}
