/**
 * Reads bytes up to a marker or up to a count: what raw clients and origins of
 * the tests need to take messages apart.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import type { ByteReader } from "../../src/net/stream/byte_stream.ts";

const READ_SIZE = 65_536;

/** Text whose characters are bytes (ISO 8859-1), so that nothing is lost in tests of bytes. */
export function textOf(bytes: Uint8Array): string {
  const { buffer, byteOffset, byteLength } = bytes;
  return Buffer.from(buffer, byteOffset, byteLength).toString("latin1");
}

/** The bytes of text whose characters are bytes. */
export function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** Several pieces as one. */
export function concat(
  pieces: readonly Uint8Array[],
): Uint8Array<ArrayBuffer> {
  const length = pieces.reduce((sum, { byteLength }) => sum + byteLength, 0);
  const joined = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    joined.set(piece, at);
    at += piece.byteLength;
  }
  return joined;
}

/** Writes all of `bytes`. */
export async function writeAll(
  writer: { write(bytes: Uint8Array): Promise<number> },
  bytes: Uint8Array,
): Promise<void> {
  for (let sent = 0; sent < bytes.byteLength;) {
    sent += await writer.write(bytes.subarray(sent));
  }
}

/** A reader that keeps what it has read too much. */
export class ByteScanner implements ByteReader {
  readonly #source: ByteReader;
  #kept: Uint8Array = new Uint8Array(0);

  /** @param source Where the bytes come from; read by nobody else. */
  constructor(source: ByteReader) {
    this.#source = source;
  }

  /** Reads some bytes, those kept first. */
  async read(into: Uint8Array): Promise<number | null> {
    if (this.#kept.byteLength === 0) return await this.#source.read(into);
    const taken = this.#take(Math.min(into.byteLength, this.#kept.byteLength));
    into.set(taken);
    return taken.byteLength;
  }

  /**
   * Reads text that ends with `marker`, which is part of the result.
   *
   * @returns `undefined` when the bytes ended before the first one.
   * @throws When they ended in the middle.
   */
  async readThrough(marker: string): Promise<string | undefined> {
    let text = textOf(this.#kept);
    let from = 0;
    for (;;) {
      const at = text.indexOf(marker, from);
      if (at >= 0) return textOf(this.#take(at + marker.length));
      from = Math.max(0, text.length - marker.length);
      const more = await this.#fill();
      if (more !== undefined) text += textOf(more);
      else if (text === "") return undefined;
      else throw new Error(`The bytes ended inside "${text.slice(-200)}"`);
    }
  }

  /**
   * Reads `count` bytes.
   *
   * @throws When there are fewer.
   */
  async readExactly(count: number): Promise<Uint8Array> {
    while (this.#kept.byteLength < count) {
      if (await this.#fill() !== undefined) continue;
      throw new Error(`Got ${this.#kept.byteLength} of ${count} bytes`);
    }
    return this.#take(count);
  }

  /** Reads to the end. */
  async readAll(): Promise<Uint8Array> {
    while (await this.#fill() !== undefined);
    return this.#take(this.#kept.byteLength);
  }

  #take(count: number): Uint8Array {
    const taken = this.#kept.slice(0, count);
    this.#kept = this.#kept.subarray(count);
    return taken;
  }

  async #fill(): Promise<Uint8Array | undefined> {
    const buffer = new Uint8Array(READ_SIZE);
    const count = await this.#source.read(buffer);
    if (count === null) return undefined;
    const more = buffer.subarray(0, count);
    this.#kept = concat([this.#kept, more]);
    return more;
  }
}
