/**
 * The content of a message as its receiver reads it: by its length, by its
 * chunks or to the end of the connection. Content that is cut short throws, so
 * that no test takes it for complete.
 *
 * @module
 */
import type { ByteReader } from "../../src/net/stream/byte_stream.ts";

/** Field lines in order and as written. */
export type FieldLines = readonly (readonly [name: string, value: string])[];

/** How the end of content is found (RFC 9112 §6.3). */
export type Framing = number | "chunked" | "close";

/** What content is read out of. */
export interface ContentSource extends ByteReader {
  readThrough(marker: string): Promise<string | undefined>;
}

/** Lines of a head or of trailers as fields; values without the space around them. */
export function fieldLines(lines: readonly string[]): FieldLines {
  return lines.map((line) => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon), line.slice(colon + 1).trim()];
  });
}

/** The value of the first line called `name` (any case). */
export function fieldOf(fields: FieldLines, name: string): string | undefined {
  const lower = name.toLowerCase();
  return fields.find(([own]) => own.toLowerCase() === lower)?.[1];
}

/** Content that is read once, from front to back. */
export class ReceivedContent implements ByteReader {
  readonly #source: ContentSource;
  readonly #isChunked: boolean;
  /** Bytes left of the content, or of the chunk. */
  #left: number;
  #isOver = false;
  #trailers: FieldLines = [];

  constructor(source: ContentSource, framing: Framing) {
    this.#source = source;
    this.#isChunked = framing === "chunked";
    this.#left = framing === "chunked"
      ? 0
      : framing === "close"
      ? Infinity
      : framing;
  }

  /** What came after the last chunk, once `read` has returned `null`. */
  get trailers(): FieldLines {
    return this.#trailers;
  }

  /** Reads some bytes. @throws When the content was cut short. */
  async read(into: Uint8Array): Promise<number | null> {
    if (this.#left === 0 && this.#isChunked && !this.#isOver) {
      await this.#beginChunk();
    }
    if (this.#left === 0) return null;
    const count = await this.#source.read(
      into.subarray(0, Math.min(into.byteLength, this.#left)),
    );
    if (count === null) return this.#endOfConnection();
    this.#left -= count;
    if (this.#left === 0 && this.#isChunked) await this.#readLine();
    return count;
  }

  /** Reads to the end, piece by piece; a piece is valid until another is read. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    const buffer = new Uint8Array(65_536);
    for (
      let count = await this.read(buffer);
      count !== null;
      count = await this.read(buffer)
    ) {
      yield buffer.subarray(0, count);
    }
  }

  #endOfConnection(): null {
    if (this.#left === Infinity) return null;
    throw new Error(
      `The content was cut short: ${this.#left} bytes are missing`,
    );
  }

  async #beginChunk(): Promise<void> {
    const line = await this.#readLine();
    this.#left = parseInt(line, 16);
    if (Number.isNaN(this.#left)) throw new Error(`Not a chunk size: ${line}`);
    if (this.#left > 0) return;
    this.#isOver = true;
    // Trailers end with an empty line, like a head.
    const lines: string[] = [];
    for (
      let next = await this.#readLine();
      next !== "";
      next = await this.#readLine()
    ) lines.push(next);
    this.#trailers = fieldLines(lines);
  }

  async #readLine(): Promise<string> {
    const line = await this.#source.readThrough("\r\n");
    if (line === undefined) throw new Error("The content was cut short");
    return line.slice(0, -2);
  }
}
