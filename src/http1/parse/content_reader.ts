import type { Fields } from "../../http/fields.ts";
import type { ByteReader } from "../../net/stream/byte_stream.ts";
import { cutShort } from "../errors.ts";
import type { BufferedReader } from "./buffered_reader.ts";

/** Reads the content of one message from its connection. */
export interface ContentReader extends ByteReader {
  /** Whether all content was read: true before `read` returns `null`, where that is known. */
  readonly isComplete: boolean;
  /** Bytes still to come, where the sender declared a length. */
  readonly left: number | undefined;
  /** Fields after the content, once it is complete. */
  readonly trailers: Fields | undefined;
}

/** Content with a `Content-Length`. */
export class LengthReader implements ContentReader {
  readonly trailers: undefined = undefined;
  readonly #reader: BufferedReader;
  #left: number;

  /** @param length In bytes, at least 1. */
  constructor(reader: BufferedReader, length: number) {
    this.#reader = reader;
    this.#left = length;
  }

  get isComplete(): boolean {
    return this.#left === 0;
  }

  get left(): number {
    return this.#left;
  }

  async read(into: Uint8Array): Promise<number | null> {
    if (this.#left === 0) return null;
    const count = await this.#reader.read(
      into.length > this.#left ? into.subarray(0, this.#left) : into,
    );
    if (count === null) throw cutShort();
    this.#left -= count;
    return count;
  }
}

/** Content of a response that ends with the connection. */
export class CloseReader implements ContentReader {
  readonly trailers: undefined = undefined;
  readonly left: undefined = undefined;
  readonly #reader: BufferedReader;
  #isComplete = false;

  constructor(reader: BufferedReader) {
    this.#reader = reader;
  }

  get isComplete(): boolean {
    return this.#isComplete;
  }

  async read(into: Uint8Array): Promise<number | null> {
    const count = await this.#reader.read(into);
    if (count === null) this.#isComplete = true;
    return count;
  }
}
